// rocket-sim: the simulated machine as a program. tools/rtl calls it.
#include "tools/rocket/profile.hpp"
#include "tools/rocket/soc.hpp"
#include "tools/rocket/trace.hpp"

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <vector>

namespace rocket {
namespace {

constexpr const char* usage =
    R"(rocket-sim boots firmware up to where it would enter the kernel, and keeps that; or goes on from there.

  rocket-sim --reset FILE --firmware FILE --tree FILE --save SNAPSHOT
  rocket-sim --load SNAPSHOT --tree FILE@ADDRESS --kernel ELF [--place FILE@ADDRESS]... [OPTION]...

  --until TEXT      ends with status 0 at a line of the console with it
  --fast-until TEXT memory answers at once up to a line with it
  --latency N       cycles to the first beat of a memory read (default 30)
  --taic KIND       thesis (default) or rtl
  --max N           at most so many cycles after the snapshot; then status 124
  --progress N      a line of its own on stderr each N cycles
  --profile FILE    writes what the cycles went for (tools/rtl profile reads it)
  --trace FILE      writes what happens when (tools/rtl run --trace makes JSON of it)
  --ranges FILE     code of interest to the trace: BEGIN END in hexadecimal a line, in ascending order
  --trace-limit N   bytes after which the trace ends (default 50 million)
  --from TEXT, --to TEXT            the part of the run that counts: between two lines of the console,
  --from-mark N, --to-mark N        and between two marks of the guest (mark.hpp), each time
)";
constexpr int status_usage = 2, status_time = 124;

using Bytes = std::vector<u8>;

[[noreturn]] void stop(const std::string& message) {
    std::fprintf(stderr, "rocket-sim: %s\n", message.c_str());
    std::exit(status_usage);
}

Bytes contents(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) stop(path + ": cannot be read");
    return {std::istreambuf_iterator<char>(file), {}};
}

struct Placed {
    std::string path;
    u64 address;
};
Placed placed(const std::string& argument) {
    const auto at = argument.rfind('@');
    if (at == std::string::npos) stop(argument + ": FILE@ADDRESS is asked for");
    return {argument.substr(0, at), std::strtoull(argument.c_str() + at + 1, nullptr, 0)};
}

struct Options {
    std::map<std::string, std::string> values;
    std::vector<Placed> places;

    std::string text(const std::string& name) const {
        const auto found = values.find(name);
        return found == values.end() ? std::string() : found->second;
    }
    u64 number(const std::string& name, u64 otherwise) const {
        const std::string value = text(name);
        return value.empty() ? otherwise : std::strtoull(value.c_str(), nullptr, 0);
    }
};

Options parse(int count, char** arguments) {
    Options options;
    for (int i = 1; i < count; i += 2) {
        const std::string name = arguments[i];
        if (i + 1 == count || name.substr(0, 2) != "--") {
            std::fputs(usage, stderr);
            std::exit(status_usage);
        }
        if (name == "--place")
            options.places.push_back(placed(arguments[i + 1]));
        else
            options.values[name.substr(2)] = arguments[i + 1];
    }
    return options;
}

// A run: what the console says decides where it ends.
class Run {
public:
    explicit Run(const Options& options)
        : until_(options.text("until")),
          fast_until_(options.text("fast-until")),
          latency_(options.number("latency", 30)),
          most_cycles_(options.number("max", ~u64{0})),
          progress_(options.number("progress", 0)) {
        machine_.on_character = [this](char character) { on_character(character); };
        machine_.on_complaint = [](const std::string& text) { std::fprintf(stderr, "rocket-sim: %s\n", text.c_str()); };
        machine_.latencies.read = fast_until_.empty() ? latency_ : 1;
    }

    void boot_firmware(const Options& options) {
        if (!machine_.place_firmware(contents(options.text("reset")), contents(options.text("firmware")),
                                     contents(options.text("tree"))))
            stop("the firmware does not fit");
        machine_.latencies.read = 1;
        soc_.reset();
        while (!machine_.asked() && machine_.status() < 0) step();
    }

    void save(const std::string& path) {
        std::FILE* const file = std::fopen((path + ".machine").c_str(), "wb");
        if (file == nullptr || !soc_.save(path + ".soc")) stop(path + ": cannot be written");
        machine_.save(file);
        if (std::fclose(file) != 0) stop(path + ": cannot be written");
    }

    void load(const Options& options) {
        const std::string path = options.text("load");
        std::FILE* const file = std::fopen((path + ".machine").c_str(), "rb");
        if (file == nullptr || !machine_.load(file) || !soc_.load(path + ".soc")) stop(path + ": is no snapshot");
        std::fclose(file);
        if (options.text("taic") != "" && !machine_.set_taic(options.text("taic"))) stop("--taic: thesis or rtl");
        const Placed tree = placed(options.text("tree"));
        const u64 entry = machine_.place_elf(contents(options.text("kernel")));
        if (entry == 0) stop(options.text("kernel") + ": no ELF file that fits");
        if (!machine_.place(contents(tree.path), tree.address)) stop(tree.path + ": does not fit");
        for (const Placed& more : options.places) {
            if (!machine_.place(contents(more.path), more.address)) stop(more.path + ": does not fit");
        }
        machine_.set_next({tree.address, entry});
        first_cycle_ = machine_.cycle();
        const Window window{options.text("from"), options.text("to"),
                            static_cast<int>(options.number("from-mark", ~u64{0})),
                            static_cast<int>(options.number("to-mark", ~u64{0}))};
        if (options.text("profile") != "") {
            profile_ = std::make_unique<Profile>(Soc::harts(), window);
            watcher_ = profile_.get();
        } else if (options.text("trace") != "") {
            begin_trace(options, window);
        }
    }

    void write_records(const Options& options) {
        if (trace_) trace_->finish();
        if (profile_) profile_->finish();
        const std::string path = options.text(profile_ ? "profile" : "trace");
        if (profile_) file_ = open(path);
        if (profile_) profile_->write(file_);
        if (file_ != nullptr && std::fclose(file_) != 0) stop(path + ": cannot be written");
    }

    int go_on() {
        while (machine_.status() < 0 && !over_) {
            if (machine_.cycle() - first_cycle_ >= most_cycles_) return status_time;
            step();
        }
        std::fflush(stdout);
        return over_ ? 0 : machine_.status();
    }

    u64 cycles() const { return machine_.cycle() - first_cycle_; }

private:
    static std::FILE* open(const std::string& path) {
        std::FILE* const file = std::fopen(path.c_str(), "w");
        if (file == nullptr) stop(path + ": cannot be written");
        return file;
    }
    void begin_trace(const Options& options, const Window& window) {
        std::vector<Range> ranges;
        std::ifstream list(options.text("ranges"));
        for (Range range{}; list >> std::hex >> range.begin >> range.end;) ranges.push_back(range);
        file_ = open(options.text("trace"));
        trace_ = std::make_unique<Trace>(Soc::harts(), window, std::move(ranges),
                                         options.number("trace-limit", 50'000'000), file_);
        watcher_ = trace_.get();
        machine_.on_taic = [this](TaicEvent event, unsigned global, unsigned local, u64 a, u64 b) {
            trace_->taic(event, global, local, a, b);
        };
        machine_.on_supervisor_line = [this](unsigned hart, bool level) { trace_->supervisor_line(hart, level); };
    }
    void step() {
        soc_.step(machine_, watcher_);
        if (watcher_ != nullptr) watcher_->end_cycle();
        if (progress_ != 0 && machine_.cycle() % progress_ == 0)
            std::fprintf(stderr, "rocket-sim: cycle %llu, hart 0 at 0x%llx\n",
                         static_cast<unsigned long long>(machine_.cycle()),
                         static_cast<unsigned long long>(soc_.hart(0).counter));
    }
    void on_character(char character) {
        std::putchar(character);
        if (character != '\n') {
            if (character != '\r') line_ += character;
            return;
        }
        std::fflush(stdout);
        if (!fast_until_.empty() && line_.find(fast_until_) != std::string::npos) {
            fast_until_.clear();
            machine_.latencies.read = latency_;
        }
        if (watcher_ != nullptr) watcher_->line(line_);
        over_ = over_ || (!until_.empty() && line_.find(until_) != std::string::npos);
        line_.clear();
    }

    Soc soc_;
    Machine machine_{Soc::harts(), Soc::memory_bus_bytes()};
    std::string line_, until_, fast_until_;
    u64 latency_, most_cycles_, progress_, first_cycle_ = 0;
    bool over_ = false;
    std::unique_ptr<Profile> profile_;
    std::unique_ptr<Trace> trace_;
    std::FILE* file_ = nullptr; // of the records
    Watcher* watcher_ = nullptr;
};

int run(const Options& options) {
    Run simulation(options);
    if (options.values.contains("save")) {
        simulation.boot_firmware(options);
        simulation.save(options.text("save"));
        return 0;
    }
    if (!options.values.contains("load")) stop("--save or --load is asked for");
    simulation.load(options);
    const auto begin = std::chrono::steady_clock::now();
    const int status = simulation.go_on();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    std::fprintf(stderr, "rocket-sim: %llu cycles in %.1f s\n", static_cast<unsigned long long>(simulation.cycles()),
                 seconds);
    simulation.write_records(options);
    return status;
}

} // namespace
} // namespace rocket

int main(int count, char** arguments) { return rocket::run(rocket::parse(count, arguments)); }
