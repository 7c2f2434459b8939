// Which standbys there have been, and which of them are gone. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace pgwraith::throttle {

// One that has vanished is as far behind as it has been away, and nobody sees it: an open gate would be a guess.
// Standbys may share a name ("walreceiver" is the default of all): then it is their number that counts.
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

    // Those that stream at this moment. A walsender counts from the second time on that it is seen: one that is about
    // to end, or to become another kind, may look like a standby's for an instant.
    void observe(const std::vector<Seen>& now);

    // Those of which there were more before, by name.
    std::vector<Missing> missing() const;

    // How many there were of each name: what an earlier process saw counts on.
    const std::map<std::string, int>& known() const { return known_; }
    void remember(const std::map<std::string, int>& known);

  private:
    std::map<std::string, int> known_;
    std::map<std::string, int> present_;
    std::map<int, std::string> last_;  // by pid
};

}  // namespace pgwraith::throttle
