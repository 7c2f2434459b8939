// What a change without a shadow keeps in the journal (docs/formats.md).
#pragma once

#include <vector>

#include "pgwraith/online/fill.h"
#include "pgwraith/online/step.h"
#include "pgwraith/store/document.h"

namespace pgwraith::online {

// Recorded once, before the first step runs.
struct StepList {
    std::vector<Step> steps;
};

// A state for each of them.
struct StepStates {
    std::vector<StepRecord> states;
};

// From the first step that an abort takes back: there is no way but to its end.
struct TakingBack {
    std::vector<std::string> kept;  // what cannot be taken back of the steps so far, in their order
};

void to_json(nlohmann::json& out, const TableLock& lock);
void from_json(const nlohmann::json& in, TableLock& lock);
void to_json(nlohmann::json& out, const FilledColumn& fill);
void from_json(const nlohmann::json& in, FilledColumn& fill);
void to_json(nlohmann::json& out, const Step& step);
void from_json(const nlohmann::json& in, Step& step);
void to_json(nlohmann::json& out, const StepRecord& record);
void from_json(const nlohmann::json& in, StepRecord& record);
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(StepList, steps)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(StepStates, states)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(TakingBack, kept)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(FillCount, column, filled, had_value, empty)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(FillState, columns, pass, blocks, rows, began)

}  // namespace pgwraith::online

namespace pgwraith::store {

template <>
inline constexpr const char* document_name<online::StepList> = "steps";
template <>
inline constexpr const char* document_name<online::StepStates> = "step_states";
template <>
inline constexpr const char* document_name<online::TakingBack> = "taking_back";
template <>
inline constexpr const char* document_name<online::FillState> = "fill";

}  // namespace pgwraith::store
