// The standbys that have been seen, and those of them that are gone. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace pgwraith::throttle {

// How far a standby that has vanished is behind cannot be seen: an open gate would be a guess. Standbys may share a
// name
// ("walreceiver" is the default): then their number counts.
class Standbys {
  public:
    struct Seen {
        std::string name;  // application_name
        int pid = 0;       // of its walsender
    };
    struct Missing {
        std::string name;
        int present = 0;
        int known = 0;
        bool operator==(const Missing&) const = default;
    };

    // The standbys that stream at this moment. A walsender counts from the second time on that it is seen: one that is
    // about to end, or to become another kind, may look like a standby's for an instant.
    void observe(const std::vector<Seen>& now);

    // The names of which there were more before.
    std::vector<Missing> missing() const;

    // How many there were of each name, in earlier processes too.
    const std::map<std::string, int>& known() const { return known_; }
    void remember(const std::map<std::string, int>& known);

  private:
    std::map<std::string, int> known_;
    std::map<std::string, int> present_;
    std::map<int, std::string> last_;  // by pid
};

}  // namespace pgwraith::throttle
