#include "rewrite.h"

#include <fmt/format.h>
#include <strings.h>

#include <algorithm>
#include <set>

#include "pgwraith/base/error.h"

namespace pgwraith::plan {

std::size_t Rewriter::token_at(std::int32_t location) const {
    const auto found = std::find_if(tokens_.begin(), tokens_.end(), [&](const Token& token) {
        return location >= 0 && token.begin == static_cast<std::size_t>(location);
    });
    return static_cast<std::size_t>(found - tokens_.begin());
}

void Rewriter::unqualify_columns() {
    walk(statement().base, [&](ProtobufCMessage& message) {
        auto* reference = message_as<PgQuery__ColumnRef>(message, pg_query__column_ref__descriptor);
        if (reference == nullptr || reference->n_fields < 2 || reference->n_fields > 3) return;
        const auto names = strings(reference->fields, reference->n_fields);
        const std::string& column = names.back();
        const std::string& table = names[names.size() - 2];
        if (column.empty() || table != place_.table.name) return;
        if (names.size() == 3 && names[0] != place_.table.schema) return;
        const std::size_t first = token_at(reference->location);
        const std::size_t last = first + 2 * (names.size() - 1);
        if (last < tokens_.size()) edits_.push_back({tokens_[first].begin, tokens_[last].begin, ""});
        set_strings(reference->fields, reference->n_fields, {column});
    });
}

void Rewriter::check_schema(const std::string& schema, const std::string& name) const {
    if (schema.empty() || schema == place_.table.schema) return;
    place_.refuse(fmt::format("{} is not in the schema of {}", QualifiedName{schema, name}.sql(), place_.table.sql()));
}

void Rewriter::move(PgQuery__RangeVar& relation, const std::string& schema) {
    const std::size_t first = token_at(relation.location);
    const std::size_t last = *relation.schemaname != '\0' ? first + 2 : first;
    if (last < tokens_.size()) {
        edits_.push_back({tokens_[first].begin, tokens_[last].end, QualifiedName{schema, relation.relname}.sql()});
    }
    set_string(relation.schemaname, schema);
}

void Rewriter::move_reference(PgQuery__RangeVar& relation) {
    const QualifiedName name{relation.schemaname, relation.relname};
    auto known = std::ranges::find(references_, name, &Reference::table);
    if (known == references_.end()) {
        const auto schema = fmt::format("{}_{}", place_.shadow_schema, references_.size() + 1);
        known = references_.insert(known, {name, schema, place_.line});
    }
    move(relation, known->stand_in);
}

void Rewriter::move_tables() {
    // What a new foreign key refers to is the one other relation that may be named.
    std::set<const PgQuery__RangeVar*> referred;
    walk(statement().base, [&](ProtobufCMessage& message) {
        auto* constraint = message_as<PgQuery__Constraint>(message, pg_query__constraint__descriptor);
        if (constraint != nullptr && constraint->pktable != nullptr) referred.insert(constraint->pktable);
    });
    walk(statement().base, [&](ProtobufCMessage& message) {
        auto* relation = message_as<PgQuery__RangeVar>(message, pg_query__range_var__descriptor);
        if (relation == nullptr) return;
        const std::string schema = relation->schemaname;
        if (*relation->catalogname != '\0') {
            place_.refuse(fmt::format("{}.{}.{} names a database", relation->catalogname, schema, relation->relname),
                          fmt::format("Write {}.", place_.table.sql()));
        }
        if (relation->relname != place_.table.name || (!schema.empty() && schema != place_.table.schema)) {
            if (referred.contains(relation)) {
                move_reference(*relation);
                return;
            }
            const std::string name =
                schema.empty() ? quote_identifier(relation->relname) : QualifiedName{schema, relation->relname}.sql();
            place_.refuse(fmt::format("{} is another relation than {}", name, place_.table.sql()));
        }
        move(*relation, place_.shadow_schema);
    });
}

void Rewriter::move_index(PgQuery__RangeVar& index) {
    check_schema(index.schemaname, index.relname);
    move(index, place_.shadow_schema);
}

void Rewriter::move_name(PgQuery__Node**& nodes, std::size_t& count) {
    const auto names = strings(nodes, count);
    if (names.empty() || names.size() > 2) place_.refuse("a name has too many parts", "Write schema.name at most.");
    if (names.size() == 2) check_schema(names[0], names[1]);
    set_strings(nodes, count, {place_.shadow_schema, names.back()});
}

void Rewriter::move_name(PgQuery__Node*& node) {
    ensure(node->node_case == PG_QUERY__NODE__NODE_LIST, "an object's name is not a list");
    move_name(node->list->items, node->list->n_items);
}

void Rewriter::move_part_of_table(PgQuery__Node*& node) {
    const auto names = strings(node);
    const std::size_t count = names.size();
    const bool ours = (count == 2 || count == 3) && names[count - 2] == place_.table.name &&
                      (count == 2 || names[0] == place_.table.schema);
    if (!ours) place_.refuse(fmt::format("{} belongs to another relation than {}", names.back(), place_.table.sql()));
    set_strings(node->list->items, node->list->n_items, {place_.shadow_schema, place_.table.name, names.back()});
}

void Rewriter::drop_concurrently(protobuf_c_boolean& concurrent) {
    if (!concurrent) return;
    concurrent = 0;
    const auto found = std::find_if(tokens_.begin(), tokens_.end(), [&](const Token& token) {
        return token.begin >= begin_ && token.keyword &&
               ::strncasecmp(sql_.c_str() + token.begin, "concurrently", token.end - token.begin) == 0;
    });
    if (found != tokens_.end()) edits_.push_back({found->begin, found->end, ""});
}

std::string Rewriter::edited_text() const {
    std::vector<Edit> edits = edits_;
    std::sort(edits.begin(), edits.end(), [](const Edit& a, const Edit& b) { return a.begin < b.begin; });
    std::string text;
    std::size_t done = begin_;
    for (const Edit& edit : edits) {
        if (edit.begin < done || edit.end > end_) return {};
        text += sql_.substr(done, edit.begin - done) + edit.replacement;
        done = edit.end;
    }
    return text + sql_.substr(done, end_ - done);
}

std::string Rewriter::text() const {
    if (std::string text = edited_text(); tree_.same_as(text)) return text;
    try {
        return tree_.deparse();
    } catch (const DeparseError& error) {
        place_.refuse(fmt::format("this statement cannot be turned to the shadow table: {}", error.message),
                      "Write it without qualified column names and without CONCURRENTLY.");
    }
}

}  // namespace pgwraith::plan
