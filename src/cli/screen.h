// Standard output as a terminal, if it is one: colours, a line that is redrawn, a picture that is.
#pragma once

#include <string>

namespace pgwraith::cli {

class Screen {
  public:
    Screen();
    ~Screen();
    Screen(const Screen&) = delete;
    Screen& operator=(const Screen&) = delete;

    bool interactive() const { return interactive_; }
    bool coloured() const;  // NO_COLOR is respected

    // The line below everything else, in the place of the last one. Not interactive: a line like any other.
    void redraw(const std::string& line);
    // Takes it away.
    void clear();

    // Something that fills the screen, in the place of the last such thing. Not interactive: behind it. What stood on
    // the terminal before comes back with end_picture().
    void picture(const std::string& text);
    void end_picture();

  private:
    static void write(const std::string& text);

    bool interactive_;
    bool drawn_ = false;    // a line stands there
    bool picture_ = false;  // likewise
};

}  // namespace pgwraith::cli
