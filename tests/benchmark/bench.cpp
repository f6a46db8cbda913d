#include "bench.hpp"

#include <fmt/format.h>

#include <iostream>
#include <map>

namespace {

using bench::Json;

using Jobs = std::map<std::string, std::unique_ptr<bench::Job>>;

Json answer(const Json& request, Jobs& jobs) {
  const std::string what = request.at("do");
  if (what == "peak") return bench::peak();
  if (what == "machine") return bench::machine(request.value("order", 2048));
  if (what == "product_rate") return bench::product_rate(request.value("order", 2048));
  if (what == "gradient") return bench::gradient(request);
  if (what == "functions") return bench::functions();
  if (what == "topics") return bench::topics(request, request.at("iterations"));
  if (what == "held_out") return bench::held_out(request);
  if (what == "raw_read") return bench::raw_read(request.at("file"));
  if (what == "load") return bench::load(request.at("file"));
  if (what == "import") return bench::import(request.at("file"), request.at("output"));
  const std::string name = request.value("job", "");
  if (what == "open") {
    jobs.erase(name);
    return (jobs[name] = bench::open_job(request))->shape();
  }
  if (what == "fit") return jobs.at(name)->fit(request.at("iterations"));
  if (what == "reduction") return jobs.at(name)->reduction(request.at("iterations"));
  throw std::invalid_argument("'" + what + "' is unknown");
}

}  // namespace

int main() {
  Jobs jobs;
  for (std::string line; std::getline(std::cin, line);) {
    Json reply;
    try {
      reply = answer(Json::parse(line), jobs);
    } catch (const bench::NotBuilt& lacking) {
      reply = {{"lacking", lacking.what()}};
    } catch (const std::exception& error) {
      reply = {{"error", error.what()}};
    }
    fmt::print("{}\n", reply.dump());
    std::fflush(stdout);
  }
}
