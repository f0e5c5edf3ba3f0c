// The outcome of a self-test, for machines and for people.
#pragma once

#include "denoscope/files/json.h"
#include "denoscope/jacobian/self_test.h"

namespace denoscope {

Json SelfTestJson(const SelfTest& test);
void PrintSelfTest(const SelfTest& test);

}  // namespace denoscope
