// What users read about the settings, written from the table in src/config/fields.cpp.
#pragma once

#include <string>

namespace pgwraith::config {

std::string example_file_text();    // config/example.yaml
std::string reference_page_text();  // docs/configuration.md

}  // namespace pgwraith::config
