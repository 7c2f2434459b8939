// Times of the week: "Mon-Fri 22:00-06:00, Sat 02:00-05:00 Europe/Berlin".
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace pgwraith::config {

// Which days' clock it is, in a time zone whose rules the server knows.
class Hours {
  public:
    // Throws Error(usage) saying what is wrong. Nothing but blanks: always.
    static Hours parse(const std::string& text);

    bool always() const { return spans_.empty(); }
    // `day`: 0 for Monday; `minute` of that day, on the zone's clock.
    bool contains(int day, int minute) const;
    // Minutes until they begin next; 0 while they last.
    int minutes_until(int day, int minute) const;

    const std::string& zone() const { return zone_; }
    const std::string& text() const { return text_; }
    bool operator==(const Hours&) const = default;

  private:
    // From a minute of the week on; one that begins on a Sunday may end beyond the week.
    struct Span {
        int begin = 0;
        int end = 0;
        bool operator==(const Span&) const = default;
    };
    std::vector<Span> spans_;
    std::string zone_;
    std::string text_;
};

}  // namespace pgwraith::config
