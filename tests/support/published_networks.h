// Published architectures, with few features where they leave these open.
#pragma once

#include <string>

#include "denoscope/denoise/published_architectures.h"

namespace denoscope {

// Tensors enough to tell the sizes.
inline TensorInfos FewFeatures(const std::string& architecture) {
  TensorInfos weights;
  const auto add = [&](const std::string& name, const Shape& shape) {
    weights[name + ".weight"] = {ElementType::kFloat32, shape};
  };
  if (architecture == "lcv-gahs-unet") {
    add("encoder.0.0", {4, 2, 3, 3});
    add("encoder.0.2", {4, 4, 3, 3});
    add("encoder.1.0", {8, 4, 3, 3});
  }
  if (architecture == "kair-dncnn") {
    add("model.0", {4, 1, 3, 3});
    weights["model.0.bias"] = {ElementType::kFloat32, {4}};
  }
  if (architecture == "drunet") {
    add("m_head", {3, 2, 3, 3});
    add("m_down1.4", {4, 3, 2, 2});
    add("m_down2.4", {5, 4, 2, 2});
    add("m_down3.4", {6, 5, 2, 2});
    add("m_tail", {1, 3, 3, 3});
  }
  if (architecture == "oidn")
    for (const char* name : {"enc_conv0",
                             "enc_conv1",
                             "enc_conv2",
                             "enc_conv3",
                             "enc_conv4",
                             "enc_conv5a",
                             "enc_conv5b",
                             "dec_conv4a",
                             "dec_conv4b",
                             "dec_conv3a",
                             "dec_conv3b",
                             "dec_conv2a",
                             "dec_conv2b",
                             "dec_conv1a",
                             "dec_conv1b"})
      add(name, {4, 0, 3, 3});
  return weights;
}

inline PublishedArchitecture NarrowArchitecture(const std::string& name) {
  return FindPublishedArchitecture(name, FewFeatures(name));
}

}  // namespace denoscope
