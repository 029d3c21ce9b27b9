#pragma once
// Clients that keep their connection and send the next request as soon as they have the answer to
// the one before. One thread for all of them, so that they cost little beside the server.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "tests/bench/run.h"

namespace klasboek::bench {

/// A whole request, head and body; asked for by the one thread.
using NextRequest = std::function<std::string()>;

/// On 127.0.0.1. An answer of 2xx is done, another one refused; a client whose connection the
/// server closes after an answer makes a new one. Throws where the server goes silent.
Run run_http_load(std::uint16_t port, std::size_t clients, const Until& until,
                  const NextRequest& next);

}  // namespace klasboek::bench
