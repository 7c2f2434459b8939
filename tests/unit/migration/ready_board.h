// A migration that waits for its operator's word.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "board.h"

namespace pgwraith::migration {

class ReadyBoard : public ::testing::Test {
  protected:
    ReadyBoard() {
        board.settings.table = {"app", "t"};
        board.settings.cutover.mode = config::CutoverMode::manual;
        board.progress.phase = Phase::ready;
    }

    asio::io_context io{1};
    Board board{io.get_executor(), {}};
};

}  // namespace pgwraith::migration
