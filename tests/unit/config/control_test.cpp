// Where the process listens, and what that needs.
#include "helpers.h"

namespace pgwraith::config {
namespace {

constexpr const char* secret = "0123456789abcdef";

std::string control(const std::string& rest) { return refusal_of("control: {" + rest + "}\n"); }

TEST(Control, AnAddressHasAPort) {
    EXPECT_EQ(parse_address("127.0.0.1:8080"), (Address{"127.0.0.1", 8080}));
    EXPECT_EQ(parse_address("localhost:0"), (Address{"127.0.0.1", 0}));
    EXPECT_EQ(parse_address("[::1]:65535"), (Address{"::1", 65535}));
    EXPECT_EQ(parse_address("[::1]:65535")->text(), "[::1]:65535");
    EXPECT_EQ(parse_address("0.0.0.0:80")->text(), "0.0.0.0:80");
    for (const char* wrong :
         {"", ":80", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:80x", "::1:80",
          "[::1]", "[127.0.0.1]:80", "[]:80", "example.org:80", "*:80", "127.1:80", "[::1]:"}) {
        EXPECT_FALSE(parse_address(wrong)) << wrong;
    }
}

TEST(Control, LoopbackIsWhatNoOtherHostReaches) {
    for (const char* ours : {"127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "localhost:1"}) {
        EXPECT_TRUE(parse_address(ours)->loopback()) << ours;
    }
    for (const char* theirs : {"0.0.0.0:1", "[::]:1", "10.0.0.1:1", "[::ffff:127.0.0.1]:1"}) {
        EXPECT_FALSE(parse_address(theirs)->loopback()) << theirs;
    }
}

TEST(Control, TakesEveryKey) {
    const auto settings =
        settings_with("control: {listen: '[::]:8443', token: " + std::string(secret) +
                      ", tls_certificate: tls/crt.pem, tls_key: /etc/key.pem, without_tls: allow, page: true}\n");
    EXPECT_EQ(settings.control, (Control{{"::", 8443}, secret, "/etc/m/tls/crt.pem", "/etc/key.pem", true, true}));
}

TEST(Control, OtherHostsNeedATokenAndTls) {
    const std::string token = ", token: " + std::string(secret), tls = ", tls_certificate: c, tls_key: k";
    EXPECT_EQ(control("listen: '127.0.0.1:80'"), "(accepted)");
    EXPECT_EQ(control("listen: '0.0.0.0:80'" + token + tls), "(accepted)");
    EXPECT_EQ(control("listen: '0.0.0.0:80', without_tls: allow" + token), "(accepted)");
    EXPECT_NE(control("listen: '0.0.0.0:80'" + tls).find("control.token is not set"), std::string::npos);
    EXPECT_NE(control("listen: '0.0.0.0:80', without_tls: allow").find("control.token is not set"), std::string::npos);
    EXPECT_NE(control("listen: '[::]:80'" + token).find("in the clear"), std::string::npos);
    EXPECT_NE(control("tls_certificate: c").find("control.tls_key is not"), std::string::npos);
    EXPECT_NE(control("tls_key: c").find("control.tls_certificate is not"), std::string::npos);
    EXPECT_NE(control("page: true").find("nothing listens"), std::string::npos);
    EXPECT_NE(control("listen: example.org:80").find("no IP address"), std::string::npos);
}

TEST(Control, ATokenIsLongEnoughAndNeverShown) {
    for (const char* wrong : {"short", "'sixteen long but blank'", "sixteen-lóng-but-odd"}) {
        const auto said = control("token: " + std::string(wrong));
        EXPECT_NE(said.find("control.token"), std::string::npos) << said;
        EXPECT_EQ(said.find("short "), std::string::npos) << said;
        EXPECT_EQ(said.find("sixteen"), std::string::npos) << said;
    }
}

}  // namespace
}  // namespace pgwraith::config
