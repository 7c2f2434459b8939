#include "pgwraith/plan/split.h"

#include "syntax_tree.h"

namespace pgwraith::plan {

std::vector<std::string> statements_of(const std::string& script) {
    std::vector<std::string> statements;
    try {
        auto tree = SyntaxTree::parse(script);
        for (std::size_t i = 0; i < tree.root().n_stmts; ++i) {
            const auto& raw = *tree.root().stmts[i];
            auto begin = static_cast<std::size_t>(raw.stmt_location);
            const auto length = raw.stmt_len == 0 ? std::string::npos : static_cast<std::size_t>(raw.stmt_len);
            auto text = script.substr(begin, length);
            statements.push_back(text.substr(std::min(text.find_first_not_of(" \n\t"), text.size())));
        }
    } catch (const SyntaxError&) {
        statements = {script};
    }
    return statements;
}

}  // namespace pgwraith::plan
