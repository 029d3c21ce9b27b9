#include <spdlog/spdlog.h>

#include <csignal>
#include <iostream>

#include "api/application.h"
#include "api/http_server.h"
#include "reactions/mail_run.h"
#include "reactions/mail_smtp.h"
#include "reactions/master_key_rotation.h"
#include "tools/commands.h"

namespace klasboek::tools {

namespace {

constexpr std::chrono::milliseconds kDrainMax{10'000};

api::HttpServerOptions server_options(const Configuration& configuration,
                                      const api::Application& application,
                                      const log::Surroundings& surroundings) {
  api::HttpServerOptions options;
  const auto colon = configuration.listen.rfind(':');
  options.host = configuration.listen.substr(0, colon);
  options.port = static_cast<std::uint16_t>(std::stoul(configuration.listen.substr(colon + 1)));
  options.trusted_proxies = configuration.trusted_proxies;
  options.body_bytes_max_of = [&application, otherwise = options.body_bytes_max](
                                  api::Method method, const std::vector<std::string>& segments) {
    return application.body_bytes_max(method, segments, otherwise);
  };
  options.on_answered = [surroundings](const api::AnsweredRequest& answered) {
    spdlog::debug(R"("request":"{}","trace":"{}","method":"{}","status":{},"took_us":{})",
                  answered.request_id, answered.traceparent, api::method_name(answered.method),
                  answered.status, answered.took.count());
    surroundings.reached(log::Step::before_answer);
  };
  options.on_sent = [surroundings] { surroundings.reached(log::Step::after_answer); };
  options.on_fault = [](std::string_view request, std::string_view what) {
    spdlog::error("request {}: {}", request, what);
  };
  return options;
}

/// nullptr where no server is set: mail waits in the outbox. The configuration was checked.
std::unique_ptr<reactions::MailSender> mail_sender(const Configuration& configuration) {
  auto server = reactions::parse_smtp_server(configuration.mail_server);
  if (configuration.mail_server.empty() || !server) return nullptr;
  server->ca_file = configuration.mail_ca_file;
  return reactions::make_smtp_sender(*std::move(server), configuration.mail_from);
}

/// Waits until somebody asks the program to end. REQUIRES: block_signals was called before any
/// other thread was made.
void wait_for_end() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  int signal = 0;
  sigwait(&signals, &signal);
}

void block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

}  // namespace

int serve_command(const Toolbox& toolbox) {
  block_signals();
  const auto installation = open_installation(toolbox, reactions::IfMissing::make_with_key);
  if (!installation) return kCannotOpen;
  api::ApplicationOptions options;
  options.public_url = toolbox.configuration.public_url;
  vault::system_random()(options.cursor_key);
  api::Application application(installation->node(), options);
  api::HttpServer server(server_options(toolbox.configuration, application, toolbox.surroundings),
                         [&](const api::Request& request) { return application.handle(request); });
  if (const auto started = server.start(); !started) {
    toolbox.err << "klasboek: " << started.error().message << "\n";
    return kCannotOpen;
  }
  const auto sender = mail_sender(toolbox.configuration);
  reactions::MailRoom mail(installation->node(),
                           {toolbox.configuration.mail_from, toolbox.configuration.public_url},
                           sender.get());
  if (const auto opened = mail.open(); !opened) {
    toolbox.err << "klasboek: the outbox can't be read (" << vault::name_of(opened.error())
                << "); put back the newest backup of the vault\n";
    return kCannotOpen;
  }
  const reactions::MailRun mail_run(mail);
  const reactions::RoundRun erasure_run(
      "erasure", [&](const std::stop_token& stop) { installation->erasures().round(stop); });
  reactions::MasterKeyRotation rotation(
      installation->vault(), toolbox.configuration.master_key_file, toolbox.configuration.data_dir);
  const reactions::RoundRun rotation_run(
      "master key", [&](const std::stop_token& stop) { rotation.round(stop); });
  const auto& listen = toolbox.configuration.listen;
  toolbox.out << "klasboek listens on " << listen.substr(0, listen.rfind(':') + 1) << server.port()
              << "\n"
              << std::flush;
  wait_for_end();
  server.stop(kDrainMax);
  return kDone;
}

}  // namespace klasboek::tools
