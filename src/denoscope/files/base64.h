// Base64 (RFC 4648), padded.
#pragma once

#include <string>
#include <string_view>

namespace denoscope {

std::string Base64(std::string_view bytes);

}  // namespace denoscope
