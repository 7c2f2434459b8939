// INSERT … SELECT or the COPY protocol for the next chunk (docs/copy.md). Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "pgwraith/base/units.h"
#include "pgwraith/config/settings.h"

namespace pgwraith::transfer {

enum class Method { insert, copy };

const char* method_name(Method method);  // as `copy.method` says it

// A chunk that was copied.
struct CopiedChunk {
    Method method = Method::insert;
    std::uint64_t blocks = 0;
    std::uint64_t rows = 0;
    std::chrono::microseconds took{0};
};

// What share of the WAL that INSERT writes for a row COPY does not, when a row takes so many bytes of the heap: COPY
// writes one record for all rows that go to a page.
double wal_saved(double bytes_per_row);

// Thread contract: the io_context's thread.
class MethodChoice {
  public:
    // Of the whole table. (TOAST is written row by row by both, and COPY takes it out of its compressed form.)
    MethodChoice(std::uint64_t blocks, std::uint64_t heap_bytes, std::uint64_t toast_bytes);

    // COPY cannot be used. Returns whether that is news.
    bool rule_out(std::string why);
    const std::optional<std::string>& ruled_out() const { return ruled_out_; }

    // Whether chunks go both ways now. They need not be longer than `trial_blocks`: what has gone the slower way by
    // then is lost.
    bool is_trying(config::CopyMethod setting) const;
    static constexpr std::uint32_t trial_blocks = 512;  // 4 MiB
    // For a chunk that begins now.
    Method next(config::CopyMethod setting);
    // What a chunk has shown. Returns the words for the log when it has brought the decision.
    std::optional<std::string> took(const CopiedChunk& chunk);

  private:
    struct Trial {
        int begun = 0;
        int ended = 0;
        std::uint64_t blocks = 0;  // of all but the first, for which sessions were new and caches cold
        std::uint64_t rows = 0;
        double seconds = 0;

        double bytes_per_second() const;
        // With what the walsender takes for so many records.
        double bytes_per_second_of_all(std::uint64_t records) const;
    };
    Trial& trial(Method method) { return trials_[method == Method::insert ? 0 : 1]; }

    bool worth_a_trial_;
    std::array<Trial, 2> trials_;
    std::optional<Method> decided_;
    std::optional<std::string> ruled_out_;
};

}  // namespace pgwraith::transfer
