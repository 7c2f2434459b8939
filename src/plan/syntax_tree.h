// libpg_query's protobuf tree behind RAII: parsing, walking by reflection, comparing, and back to text.
// Private to the module; pg_query.pb-c.h is large, so few files include this.
#pragma once

#include <pg_query.pb-c.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pgwraith::plan {

// What PostgreSQL's grammar says about a text that it does not take.
struct SyntaxError {
    std::string message;
    std::size_t offset = 0;  // in bytes, 0-based
};

// What the deparser of libpg_query cannot say, or says wrongly.
struct DeparseError {
    std::string message;
};

class SyntaxTree {
  public:
    // Throws SyntaxError.
    static SyntaxTree parse(const std::string& sql);

    PgQuery__ParseResult& root() { return *root_; }

    // A deep copy of one statement, without its position.
    static SyntaxTree copy_statement(PgQuery__RawStmt& statement);

    // True when `sql` means exactly this tree (positions in the text apart).
    bool same_as(const std::string& sql) const;

    // Text of the whole tree. Throws DeparseError unless parsing that text gives this very tree again:
    // the deparser of libpg_query leaves things out now and then (constraint options, COMPRESSION, a COLLATE
    // that lands behind USING), and must not do so unnoticed.
    std::string deparse() const;

  private:
    struct Free {
        void operator()(PgQuery__ParseResult* tree) const { pg_query__parse_result__free_unpacked(tree, nullptr); }
    };
    explicit SyntaxTree(PgQuery__ParseResult* root) : root_(root) {}
    static SyntaxTree unpack(const std::string& bytes);

    std::unique_ptr<PgQuery__ParseResult, Free> root_;
};

// Calls `visit` for `message` and everything below it, parents first.
void walk(ProtobufCMessage& message, const std::function<void(ProtobufCMessage&)>& visit);

// `message` as a T if it is one: message_as<PgQuery__RangeVar>(m, pg_query__range_var__descriptor).
template <typename T>
T* message_as(ProtobufCMessage& message, const ProtobufCMessageDescriptor& descriptor) {
    return message.descriptor == &descriptor ? reinterpret_cast<T*>(&message) : nullptr;
}

// Replaces a string field of a tree.
void set_string(char*& field, const std::string& value);
// A new node that holds a string; the tree into which it is put owns it.
PgQuery__Node* string_node(const std::string& value);
// The strings of a list of String nodes; empty text for a node that is none (a star, say).
std::vector<std::string> strings(PgQuery__Node* const* nodes, std::size_t count);
// As above for a node that is a List; a lone String counts as a list of one.
std::vector<std::string> strings(const PgQuery__Node* node);
// Makes the list hold exactly these strings.
void set_strings(PgQuery__Node**& nodes, std::size_t& count, const std::vector<std::string>& values);

// SQL text of one expression or type inside a tree, checked like SyntaxTree::deparse(). The tree is as before
// afterwards.
std::string deparse_expression(PgQuery__Node* expression);
std::string deparse_type(PgQuery__TypeName* type);

struct Token {
    std::size_t begin = 0;  // byte offsets
    std::size_t end = 0;
    bool keyword = false;
};
// The tokens without comments. REQUIRES: `sql` has been parsed successfully.
std::vector<Token> tokens(const std::string& sql);

}  // namespace pgwraith::plan
