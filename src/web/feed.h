// What those are sent who follow the events: a sample a second, one text for all of them.
#pragma once

#include <memory>
#include <string>

#include "history.h"
#include "pgwraith/base/async.h"
#include "pgwraith/control/routes.h"

namespace pgwraith::web {

class Feed {
  public:
    // REQUIRES: `routes` outlives run().
    Feed(asio::any_io_executor executor, control::Routes& routes);

    // Until close().
    Task<void> run();
    // The last that is sent, after one more status. REQUIRES: the routes know the end.
    void say_end();
    void close();

    // Counts the statuses; whoever has seen this one waits on changed().
    std::uint64_t number() const { return number_; }
    Event& changed() { return changed_; }
    bool closed() const { return closed_; }

    // For a follower that has just come: the minutes before, and the newest status.
    std::string opening() const;
    const std::shared_ptr<const std::string>& newest() const { return newest_; }
    const std::string& end() const { return end_; }  // empty: there is none yet

  private:
    void sample();

    control::Routes& routes_;
    History history_;
    Event changed_;
    std::uint64_t number_ = 0;
    std::shared_ptr<const std::string> newest_;
    std::string end_;
    bool closed_ = false;
};

}  // namespace pgwraith::web
