#pragma once
// What a log and all that follows it have around them, besides clock and dice: the disk, and who is
// told how far a command got. Tests put in a disk that fails or tears, and end the program at a
// step; the program that is delivered has the machine's disk, and nobody is told
// (docs/adr/0004-crash-points.md).
#include <cstdint>
#include <functional>

namespace rocksdb {
class Env;
}

namespace klasboek::log {

/// The steps of a command and of what follows it. A program may die at each of them: nothing that
/// was acknowledged is lost, and nothing is done twice.
enum class Step : std::uint8_t {
  keys_durable,       // the keys of a group of commits are, the commits aren't
  before_append,      // the batch of the group is made, nothing of it is written
  after_append,       // it is durable, and the ledger shows it
  acknowledged,       // it is noted how far the log goes; nobody has heard
  before_projection,  // the rows of views are made, not written
  after_projection,   // the views have them; nobody has heard
  before_answer,      // the answer to a request is made, nothing of it is sent
  after_answer,       // all of it is sent
  before_claim,       // a mail is to be sent; the log doesn't say so
  after_claim,        // the log says so; the mail is not sent
  handed_over         // the mail server has it; the log doesn't say so
};

struct Surroundings {
  /// Called on whatever thread reached the step; empty: nobody is told.
  std::function<void(Step)> on_step;
  /// nullptr: the machine's. Must outlive whatever stands on it.
  rocksdb::Env* disk = nullptr;

  void reached(Step step) const {
    if (on_step) on_step(step);
  }
};

}  // namespace klasboek::log
