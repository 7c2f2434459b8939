// Who may ask for what. Pure: a request's headers in, a decision out.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "pgwraith/control/routes.h"

namespace pgwraith::web {

// As the headers say; empty: there is none.
struct Asked {
    std::string_view host = {};
    std::string_view origin = {};
    std::string_view fetch_site = {};  // Sec-Fetch-Site
    std::string_view authorization = {};
};

// Takes the same time for every `given` of one length.
bool same_secret(std::string_view given, std::string_view expected);

class Guard {
  public:
    explicit Guard(std::string token) : token_(std::move(token)) {}

    // What to answer to a request that is refused. `needs_no_token`: it tells nothing and changes nothing.
    std::optional<control::Reply> refusal(const Asked& asked, bool needs_no_token) const;

  private:
    std::string token_;
};

}  // namespace pgwraith::web
