#include "tests/support/golden_values.h"

namespace klasboek::tests {

using namespace events;

namespace {

const std::vector<KeyId> kGoldenKeys = {numbered<KeyId>(41), numbered<KeyId>(42)};

}  // namespace

std::vector<EventBody> golden_upkeep() {
  std::vector<EventBody> all;
  all.emplace_back(made<DeliveryClaimed>([](auto& e) {
    e.cause = numbered<EventId>(11);
    e.message = MessageKind::absence_notice;
  }));
  all.emplace_back(made<DeliverySent>([](auto& e) { e.cause = numbered<EventId>(11); }));
  all.emplace_back(made<DeliveryFailed>([](auto& e) {
    e.cause = numbered<EventId>(11);
    e.fault = DeliveryFault::expired;
    e.final = true;
  }));
  all.emplace_back(made<SubjectErased>([](auto& e) {
    e.subject_kind = SubjectKind::post;
    e.subject_hi = numbered<PostId>(8).value.hi;
    e.subject_lo = numbered<PostId>(8).value.lo;
    e.keys = kGoldenKeys;
    e.ground = ErasureGround::objection;
  }));
  all.emplace_back(made<KeyRetired>([](auto& e) { e.key = numbered<KeyId>(41); }));
  all.emplace_back(made<KeysDestroyed>([](auto& e) { e.keys = kGoldenKeys; }));
  all.emplace_back(made<RosterImportBegun>([](auto& e) {
    e.roster_import = numbered<RosterImportId>(12);
    e.digest.assign(32, 0xD2);
    e.chunks = 7;
  }));
  all.emplace_back(made<RosterChunkApplied>([](auto& e) { e.chunk = 6; }));
  all.emplace_back(made<RosterImportCompleted>([](auto& e) { e.chunks = 7; }));
  return all;
}

}  // namespace klasboek::tests
