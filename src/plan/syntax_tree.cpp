#include "syntax_tree.h"

#include <fmt/format.h>
#include <pg_query.h>

#include <cstdlib>
#include <cstring>

#include "pgwraith/base/error.h"

namespace pgwraith::plan {

namespace {

template <typename T>
T& at(ProtobufCMessage& message, unsigned offset) {
    return *reinterpret_cast<T*>(reinterpret_cast<char*>(&message) + offset);
}

// Positions in the text are no part of what a statement means.
void clear_locations(ProtobufCMessage& message) {
    for (unsigned i = 0; i < message.descriptor->n_fields; ++i) {
        const ProtobufCFieldDescriptor& field = message.descriptor->fields[i];
        const std::string_view name = field.name;
        if (field.type == PROTOBUF_C_TYPE_INT32 &&
            (name == "location" || name == "stmt_location" || name == "stmt_len")) {
            at<std::int32_t>(message, field.offset) = 0;
        }
    }
}

std::string pack(const PgQuery__ParseResult& tree) {
    std::string bytes(pg_query__parse_result__get_packed_size(&tree), '\0');
    pg_query__parse_result__pack(&tree, reinterpret_cast<std::uint8_t*>(bytes.data()));
    return bytes;
}

std::string pack_without_locations(PgQuery__ParseResult& tree) {
    walk(tree.base, clear_locations);
    return pack(tree);
}

std::string take_deparse_result(PgQueryDeparseResult result) {
    const std::unique_ptr<PgQueryDeparseResult, void (*)(PgQueryDeparseResult*)> guard(
        &result, [](PgQueryDeparseResult* r) { pg_query_free_deparse_result(*r); });
    if (result.error != nullptr) {
        throw DeparseError{fmt::format("it could not be turned back to text: {}", result.error->message)};
    }
    return result.query;
}

}  // namespace

SyntaxTree SyntaxTree::parse(const std::string& sql) {
    PgQueryProtobufParseResult result = pg_query_parse_protobuf(sql.c_str());
    const std::unique_ptr<PgQueryProtobufParseResult, void (*)(PgQueryProtobufParseResult*)> guard(
        &result, [](PgQueryProtobufParseResult* r) { pg_query_free_protobuf_parse_result(*r); });
    if (result.error != nullptr) {
        const int position = result.error->cursorpos;
        throw SyntaxError{result.error->message, position > 0 ? static_cast<std::size_t>(position - 1) : 0};
    }
    return unpack({result.parse_tree.data, result.parse_tree.len});
}

SyntaxTree SyntaxTree::copy_statement(PgQuery__RawStmt& statement) {
    PgQuery__ParseResult whole = PG_QUERY__PARSE_RESULT__INIT;
    PgQuery__RawStmt* only = &statement;
    whole.version = PG_VERSION_NUM;
    whole.n_stmts = 1;
    whole.stmts = &only;
    SyntaxTree copy = unpack(pack(whole));
    copy.root().stmts[0]->stmt_location = 0;
    copy.root().stmts[0]->stmt_len = 0;
    return copy;
}

SyntaxTree SyntaxTree::unpack(const std::string& bytes) {
    auto* root =
        pg_query__parse_result__unpack(nullptr, bytes.size(), reinterpret_cast<const std::uint8_t*>(bytes.data()));
    ensure(root != nullptr, "libpg_query's tree could not be unpacked");
    return SyntaxTree(root);
}

bool SyntaxTree::same_as(const std::string& sql) const {
    try {
        return pack_without_locations(parse(sql).root()) == pack_without_locations(unpack(pack(*root_)).root());
    } catch (const SyntaxError&) {
        return false;
    }
}

std::string SyntaxTree::deparse() const {
    std::string packed = pack(*root_);
    std::string text = take_deparse_result(pg_query_deparse_protobuf({packed.size(), packed.data()}));
    if (!same_as(text)) {
        throw DeparseError{fmt::format("turned back to text it means something else: {}", text)};
    }
    return text;
}

void walk(ProtobufCMessage& message, const std::function<void(ProtobufCMessage&)>& visit) {
    visit(message);
    for (unsigned i = 0; i < message.descriptor->n_fields; ++i) {
        const ProtobufCFieldDescriptor& field = message.descriptor->fields[i];
        if (field.type != PROTOBUF_C_TYPE_MESSAGE) continue;
        if (field.label == PROTOBUF_C_LABEL_REPEATED) {
            auto** children = at<ProtobufCMessage**>(message, field.offset);
            const auto count = at<std::size_t>(message, field.quantifier_offset);
            for (std::size_t child = 0; child < count; ++child) walk(*children[child], visit);
            continue;
        }
        const bool oneof = (field.flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
        if (oneof && at<std::uint32_t>(message, field.quantifier_offset) != field.id) continue;
        if (auto* child = at<ProtobufCMessage*>(message, field.offset)) walk(*child, visit);
    }
}

void set_string(char*& field, const std::string& value) {
    if (field != protobuf_c_empty_string) std::free(field);
    field = ::strdup(value.c_str());
}

PgQuery__Node* string_node(const std::string& value) {
    auto* text = static_cast<PgQuery__String*>(std::malloc(sizeof(PgQuery__String)));
    auto* node = static_cast<PgQuery__Node*>(std::malloc(sizeof(PgQuery__Node)));
    ensure(text != nullptr && node != nullptr, "out of memory");
    pg_query__string__init(text);
    text->sval = ::strdup(value.c_str());
    pg_query__node__init(node);
    node->node_case = PG_QUERY__NODE__NODE_STRING;
    node->string = text;
    return node;
}

std::vector<std::string> strings(PgQuery__Node* const* nodes, std::size_t count) {
    std::vector<std::string> result;
    for (std::size_t i = 0; i < count; ++i) {
        const bool is_string = nodes[i]->node_case == PG_QUERY__NODE__NODE_STRING;
        result.emplace_back(is_string ? nodes[i]->string->sval : "");
    }
    return result;
}

std::vector<std::string> strings(const PgQuery__Node* node) {
    if (node->node_case == PG_QUERY__NODE__NODE_LIST) return strings(node->list->items, node->list->n_items);
    auto* lone = const_cast<PgQuery__Node*>(node);
    return strings(&lone, 1);
}

void set_strings(PgQuery__Node**& nodes, std::size_t& count, const std::vector<std::string>& values) {
    for (std::size_t i = 0; i < count; ++i) pg_query__node__free_unpacked(nodes[i], nullptr);
    std::free(nodes);
    nodes = static_cast<PgQuery__Node**>(std::malloc(sizeof(PgQuery__Node*) * values.size()));
    ensure(nodes != nullptr, "out of memory");
    count = values.size();
    for (std::size_t i = 0; i < count; ++i) nodes[i] = string_node(values[i]);
}

namespace {

// `SELECT …` deparsed while `slot` holds a borrowed node; the loan ends also when deparsing throws.
template <typename T>
std::string deparse_borrowed(SyntaxTree& select, T*& slot, T* borrowed) {
    std::swap(slot, borrowed);
    try {
        std::string text = select.deparse();
        std::swap(slot, borrowed);
        return text;
    } catch (...) {
        std::swap(slot, borrowed);
        throw;
    }
}

PgQuery__ResTarget& first_target(SyntaxTree& select) {
    return *select.root().stmts[0]->stmt->select_stmt->target_list[0]->res_target;
}

std::string without_prefix(const std::string& text, std::string_view prefix) {
    ensure(text.starts_with(prefix), "a deparsed expression has an unknown form");
    return text.substr(prefix.size());
}

}  // namespace

std::string deparse_expression(PgQuery__Node* expression) {
    SyntaxTree select = SyntaxTree::parse("SELECT 1");
    return without_prefix(deparse_borrowed(select, first_target(select).val, expression), "SELECT ");
}

std::string deparse_type(PgQuery__TypeName* type) {
    SyntaxTree select = SyntaxTree::parse("SELECT NULL::int");
    return without_prefix(deparse_borrowed(select, first_target(select).val->type_cast->type_name, type),
                          "SELECT NULL::");
}

std::vector<Token> tokens(const std::string& sql) {
    PgQueryScanResult result = pg_query_scan(sql.c_str());
    const std::unique_ptr<PgQueryScanResult, void (*)(PgQueryScanResult*)> guard(
        &result, [](PgQueryScanResult* r) { pg_query_free_scan_result(*r); });
    ensure(result.error == nullptr, "a text that parses could not be scanned");
    const std::unique_ptr<PgQuery__ScanResult, void (*)(PgQuery__ScanResult*)> scan(
        pg_query__scan_result__unpack(nullptr, result.pbuf.len,
                                      reinterpret_cast<const std::uint8_t*>(result.pbuf.data)),
        [](PgQuery__ScanResult* s) { pg_query__scan_result__free_unpacked(s, nullptr); });
    std::vector<Token> found;
    for (std::size_t i = 0; i < scan->n_tokens; ++i) {
        const PgQuery__ScanToken& token = *scan->tokens[i];
        if (token.token == PG_QUERY__TOKEN__SQL_COMMENT || token.token == PG_QUERY__TOKEN__C_COMMENT) continue;
        found.push_back({static_cast<std::size_t>(token.start), static_cast<std::size_t>(token.end),
                         token.keyword_kind != PG_QUERY__KEYWORD_KIND__NO_KEYWORD});
    }
    return found;
}

}  // namespace pgwraith::plan
