#include "pgwraith/capture/receiver.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace pgwraith::capture {

void Batch::clear() {
    changes.clear();
    position = truncated = Lsn{};
    awaited = false;
}

Receiver::Receiver(CaptureTarget target, std::string own_tokens)
    : target_(std::move(target)), own_tokens_(std::move(own_tokens)) {}

void Receiver::begin() {
    pending_ = {};
    truncate_seen_ = false;
    tokens_.clear();
    key_positions_.clear();
}

void Receiver::keepalive(Lsn wal_end, Acknowledgement& acknowledgement) {
    // Between transactions everything below wal_end has been sent, and is in `pending_` or recorded. The position
    // takes the way through the ledger like a commit's, so that the slot is never ahead of what we remember.
    if (acknowledgement.keepalive(wal_end)) {
        pending_.position = std::max(pending_.position, wal_end);
    }
}

bool Receiver::came_back(const std::string& token, Lsn recorded) {
    const auto seen = watermarks_.find(token);
    if (seen == watermarks_.end() || seen->second > recorded) return false;
    watermarks_.erase(seen);
    return true;
}

void Receiver::take(const Message& message, Acknowledgement& acknowledgement) {
    if (const auto* insert = std::get_if<Insert>(&message)) {
        if (insert->relation == target_.table) add_key(insert->row, nullptr, true);
    } else if (const auto* update = std::get_if<Update>(&message)) {
        if (update->relation != target_.table) return;
        if (update->old) add_key(*update->old, nullptr, false);
        add_key(update->row, update->old ? &*update->old : nullptr, true);
    } else if (const auto* removal = std::get_if<Delete>(&message)) {
        if (removal->relation == target_.table) add_key(removal->old, nullptr, false);
    } else if (const auto* begin = std::get_if<Begin>(&message)) {
        acknowledgement.began();
        xid_ = extend_xid(begin->xid, xid_reference_);
        note_xid(xid_);
        commit_ = begin->final_lsn;
    } else if (const auto* commit = std::get_if<Commit>(&message)) {
        commit_transaction(*commit, acknowledgement);
    } else if (const auto* relation = std::get_if<Relation>(&message)) {
        if (relation->oid == target_.table) look_for_key(*relation);
    } else if (const auto* truncate = std::get_if<Truncate>(&message)) {
        const auto& relations = truncate->relations;
        if (std::find(relations.begin(), relations.end(), target_.table) != relations.end()) truncate_seen_ = true;
    } else if (const auto* note = std::get_if<LogicalMessage>(&message)) {
        if (note->transactional && note->prefix == target_.slot) tokens_.emplace_back(note->content);
    }
}

void Receiver::commit_transaction(const Commit& commit, Acknowledgement& acknowledgement) {
    acknowledgement.committed(commit.end);
    pending_.position = std::max(pending_.position, commit.end);
    if (std::exchange(truncate_seen_, false)) pending_.truncated = commit.commit;
    for (auto& token : tokens_) {
        if (!token.starts_with(own_tokens_)) continue;
        watermarks_[std::move(token)] = commit.end;
        pending_.awaited = true;
    }
    tokens_.clear();
}

void Receiver::look_for_key(const Relation& relation) {
    key_positions_.clear();
    for (const auto& name : target_.key_columns) {
        auto found = std::find_if(relation.columns.begin(), relation.columns.end(),
                                  [&](const RelationColumn& column) { return column.name == name; });
        if (found == relation.columns.end()) {
            throw Error(
                ErrorKind::stopped,
                fmt::format("the change stream no longer carries key column \"{}\" of {}.{}", name, relation.schema,
                            relation.name),
                "The live table or the publication was altered. Undo that, or `pgwraith abort` and start anew.");
        }
        key_positions_.push_back(static_cast<std::size_t>(found - relation.columns.begin()));
    }
}

void Receiver::add_key(const Tuple& tuple, const Tuple* old, bool stands) {
    std::array<std::string_view, 32> columns;  // INDEX_MAX_KEYS
    ensure(!key_positions_.empty() && key_positions_.size() <= columns.size(), "a Relation message precedes its rows");
    std::size_t count = 0;
    for (auto position : key_positions_) {
        if (position >= tuple.size()) throw DecodeError("a row with fewer columns than its relation");
        auto value = tuple[position];
        // A TOASTed key column that an UPDATE left alone comes as "unchanged"; then the old key was sent along.
        if (value.kind == ValueKind::unchanged && old != nullptr && position < old->size()) value = (*old)[position];
        if (value.kind != ValueKind::text) {
            throw Error(
                ErrorKind::stopped,
                fmt::format("the change stream carries no value for key column \"{}\"", target_.key_columns[count]),
                "Its old value was not logged. `pgwraith abort`, then run with the server at its latest minor "
                "release.");
        }
        columns[count++] = value.data;
    }
    ++changes_received_;
    pending_.changes.add(std::span(columns.data(), count), xid_, commit_, stands);
}

}  // namespace pgwraith::capture
