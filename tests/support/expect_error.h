// Expects an Error whose message holds every given piece of text.
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

#include "denoscope/base/error.h"

namespace denoscope {

template <typename Action>
void ExpectError(const Action& action, std::initializer_list<std::string> pieces) {
  try {
    action();
  } catch (const Error& e) {
    for (const std::string& piece : pieces)
      EXPECT_NE(std::string(e.what()).find(piece), std::string::npos)
          << "message: " << e.what() << "\nmisses: " << piece;
    return;
  }
  ADD_FAILURE() << "expected an Error, nothing was thrown";
}

}  // namespace denoscope
