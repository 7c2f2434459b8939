#include "guard.h"

#include <gmock/gmock.h>

namespace pgwraith::web {
namespace {

const std::string secret = "0123456789abcdef";

unsigned status(const Guard& guard, const Asked& asked, bool needs_no_token = false) {
    const auto refusal = guard.refusal(asked, needs_no_token);
    return refusal ? refusal->status : 200;
}

Asked post(std::string_view host) { return {.host = host}; }

TEST(Guard, WithATokenOnlyItsOwnerMayAsk) {
    const Guard guard(secret);
    EXPECT_EQ(status(guard, {.host = "db1"}), 401u);
    for (const char* wrong : {"", "Bearer", "Bearer ", "Bearer 0123456789abcde", "Bearer 0123456789abcdef0",
                              "Basic 0123456789abcdef", "0123456789abcdef", "Bearer  "}) {
        EXPECT_EQ(status(guard, {.host = "db1", .authorization = wrong}), 401u) << wrong;
    }
    for (const char* right : {"Bearer 0123456789abcdef", "bearer 0123456789abcdef", "Bearer  0123456789abcdef"}) {
        EXPECT_EQ(status(guard, {.host = "db1", .authorization = right}), 200u) << right;
    }
    EXPECT_EQ(status(guard, {.host = "db1"}, true), 200u);
}

TEST(Guard, TheTokenIsInNoAnswer) {
    const auto refusal = Guard(secret).refusal({.authorization = "Bearer nonsense-of-mine"}, false);
    ASSERT_TRUE(refusal);
    EXPECT_EQ(refusal->body.find(secret), std::string::npos);
    EXPECT_EQ(refusal->body.find("nonsense-of-mine"), std::string::npos);
}

TEST(Guard, WithoutATokenANameThatSomebodyElseOwnsIsNotAnswered) {
    const Guard guard("");
    for (const char* ours : {"", "localhost", "localhost:8080", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:8080",
                             "[::1]:8080", "[::1]", "10.1.2.3:80"}) {
        EXPECT_EQ(status(guard, post(ours)), 200u) << ours;
    }
    for (const char* theirs : {"rebind.example.org", "rebind.example.org:8080", "localhost.example.org",
                               "127.0.0.1.nip.io", "localhost:8080.example.org", "[::1", "::1", "1.2.3"}) {
        EXPECT_EQ(status(guard, post(theirs)), 403u) << theirs;
    }
}

TEST(Guard, AnotherSitesPageMayNotAsk) {
    for (const Guard& guard : {Guard(""), Guard(secret)}) {
        Asked asked = post("127.0.0.1:8080");
        asked.authorization = "Bearer 0123456789abcdef";
        for (const char* site : {"cross-site", "same-site", "nonsense"}) {
            asked.fetch_site = site;
            EXPECT_EQ(status(guard, asked), 403u) << site;
        }
        for (const char* site : {"same-origin", "none"}) {
            asked.fetch_site = site;
            EXPECT_EQ(status(guard, asked), 200u) << site;
        }
        asked.fetch_site = "";
        for (const char* origin : {"null", "http://evil.example", "http://127.0.0.1:9000", "http://127.0.0.1",
                                   "http://localhost:8080", "file://", "127.0.0.1:8080"}) {
            asked.origin = origin;
            EXPECT_EQ(status(guard, asked), 403u) << origin;
        }
        for (const char* origin : {"http://127.0.0.1:8080", "https://127.0.0.1:8080"}) {
            asked.origin = origin;
            EXPECT_EQ(status(guard, asked), 200u) << origin;
        }
    }
}

TEST(Guard, ALinkOnAnotherSiteLeadsToThePage) {
    EXPECT_EQ(status(Guard(secret), {.host = "db1:8443", .fetch_site = "cross-site"}, true), 200u);
}

TEST(Guard, SecretsAreComparedWhole) {
    EXPECT_TRUE(same_secret("a", "a"));
    EXPECT_FALSE(same_secret("a", "b"));
    EXPECT_FALSE(same_secret("", "a"));
    EXPECT_FALSE(same_secret("a", std::string_view("a\0", 2)));
}

}  // namespace
}  // namespace pgwraith::web
