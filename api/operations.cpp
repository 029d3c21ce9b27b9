// What operators ask: alive, ready, how it goes, and what the API is.
#include "api/openapi.h"
#include "api/route.h"

namespace klasboek::api {

namespace {

Response alive(Call&) { return ok_json(R"({"status":"alive"})"); }

Response ready(Call& call) {
  for (const auto& shard : call.node.shards.all()) {
    const auto health = shard->log->health();
    const auto fault = shard->projector->fault();
    if (health.ready && fault.empty()) continue;
    return call.problem(unavailable(health.ready ? fault : health.reason, 5));
  }
  if (!call.node.vault.is_ready()) {
    return call.problem(unavailable("this node doesn't follow the topic of secrets", 5));
  }
  return ok_json(R"({"status":"ready"})");
}

/// Prometheus' text format; counts only, no ids.
Response metrics(Call& call) {
  std::string text =
      "# HELP klasboek_log_events_total Events in the log.\n"
      "# TYPE klasboek_log_events_total counter\n";
  std::string ready_lines =
      "# HELP klasboek_shard_ready Whether the shard takes commits (1) or not (0).\n"
      "# TYPE klasboek_shard_ready gauge\n";
  for (const auto& shard : call.node.shards.all()) {
    const auto& ledger = shard->ledger();
    std::uint64_t events = 0;
    for (const auto& school : ledger.schools()) {
      events += ledger.school_head(school).next_sequence;
    }
    const auto label = "{shard=\"" + std::to_string(ledger.identity().partition) + "\"} ";
    text += "klasboek_log_events_total" + label + std::to_string(events) + "\n";
    ready_lines += "klasboek_shard_ready" + label + (shard->log->health().ready ? "1" : "0") + "\n";
  }
  Response response = ok_json(text + ready_lines);
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  return response;
}

Response describe(Call& call) {
  Response response = ok_json(openapi_document(all_routes(), call.public_url));
  response.may_compress = true;
  return response;
}

}  // namespace

std::vector<Route> operation_routes() {
  return {
      {Method::get, "/livez", "alive", "Whether the program runs", anybody(), alive,
       gives(schema::object({schema::required("status", schema::one_of({"alive"}))}))},
      {Method::get, "/readyz", "ready", "Whether it takes requests", anybody(), ready,
       gives(schema::object({schema::required("status", schema::one_of({"ready"}))}))},
      {Method::get, "/metrics", "metrics", "Figures for Prometheus", anybody(), metrics,
       Shape({.status = 200,
              .description = "Prometheus' text format",
              .body = schema::opaque(1'000'000, "klasboek_shard_ready{shard=\"0\"} 1"),
              .content_type = "text/plain; version=0.0.4; charset=utf-8"})},
      {Method::get, "/openapi.json", "describe_api", "This description", anybody(), describe,
       gives(schema::object({schema::required("openapi", schema::opaque(20, "3.1.0"))}))},
  };
}

}  // namespace klasboek::api
