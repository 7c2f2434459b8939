#include "helpers.h"

namespace pgwraith::config {
namespace {

TEST(RedactPassword, LeavesWhatHasNoPassword) {
    for (const char* text :
         {"", "postgresql://", "postgresql:///shop", "postgresql://migrator@db.internal:5432/shop?sslmode=require",
          "postgres://h1:5432,h2:5433/shop?application_name=a@b", "host=db user=u passfile=/run/secret",
          "host=db options='-c a=b' user = u", "postgresql://[::1]:5432/db",
          "postgresql://h/db?passfile=/x&a=password"}) {
        EXPECT_EQ(redact_password(text), text);
    }
}

TEST(RedactPassword, HidesItInUris) {
    EXPECT_EQ(redact_password("postgresql://u:s3cret@h:5432/db?sslmode=require"),
              "postgresql://u:***@h:5432/db?sslmode=require");
    EXPECT_EQ(redact_password("postgres://u:s3cret@/db"), "postgres://u:***@/db");
    EXPECT_EQ(redact_password("postgresql://u:@h/db"), "postgresql://u:***@h/db");
    EXPECT_EQ(redact_password("postgresql://h/db?user=u&password=s3cret&connect_timeout=3"),
              "postgresql://h/db?user=u&password=***&connect_timeout=3");
    EXPECT_EQ(redact_password("postgresql://h/db?pass%77ord=s3cret"), "postgresql://h/db?pass%77ord=***");
    EXPECT_EQ(redact_password("postgresql://u:a@h/db?sslpassword=b"), "postgresql://u:***@h/db?sslpassword=***");
    // Characters that should have been percent-encoded.
    EXPECT_EQ(redact_password("postgresql://u:s3@cret@h/db"), "postgresql://u:***@h/db");
    EXPECT_EQ(redact_password("postgresql://u:s3/cret@h/db"), "postgresql://u:***@h/db");
    EXPECT_EQ(redact_password("postgresql://u:s3?cret@h/db"), "postgresql://u:***@h/db");
    EXPECT_EQ(redact_password("postgresql://u:s3:cret@h/db"), "postgresql://u:***@h/db");
}

TEST(RedactPassword, HidesItInPairs) {
    EXPECT_EQ(redact_password("host=db password=s3cret user=u"), "host=db password=*** user=u");
    EXPECT_EQ(redact_password("password='s3 cret' user=u"), "password=*** user=u");
    EXPECT_EQ(redact_password("password='it\\'s cret' user=u"), "password=*** user=u");
    EXPECT_EQ(redact_password("password=s3\\ cret user=u"), "password=*** user=u");
    EXPECT_EQ(redact_password("password = s3cret user=u"), "password = *** user=u");
    EXPECT_EQ(redact_password("options='-c x=password=1' password=s3cret"), "options='-c x=password=1' password=***");
    EXPECT_EQ(redact_password("password=s3cret"), "password=***");
    EXPECT_EQ(redact_password("password="), "password=***");
}

TEST(RedactPassword, HidesTheRestOfWhatItCannotRead) {
    EXPECT_EQ(redact_password("host=db password=my s3cret user=u"), "host=db password=*** ***");
    EXPECT_EQ(redact_password("host=db password='my s3cret user=u"), "host=db password=***");
    EXPECT_EQ(redact_password("s3cret"), "***");
}

}  // namespace
}  // namespace pgwraith::config
