// The names that a PyTorch checkpoint may hold: one table for safety (nothing outside it is called
// or kept as a value) and for meaning (storage types, element types, how tensors are put together).
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "denoscope/arrays/array.h"

namespace denoscope {

// Each is recorded, none is run: rebuilders of tensors and constructors of plain data.
const std::set<std::string>& TorchGlobals();

struct TorchElement {
  std::string_view name;
  std::size_t size = 0;             // bytes; 0: the name says nothing of them
  std::optional<ElementType> type;  // none: complex, quantized or unknown
};

// By global ("torch.cuda.HalfStorage", "torch.float16"); null when it is none.
const TorchElement* FindStorageType(std::string_view global);
const TorchElement* FindDtype(std::string_view global);

inline constexpr std::string_view kRebuildTensor = "torch._utils._rebuild_tensor";
inline constexpr std::string_view kRebuildTensor2 = "torch._utils._rebuild_tensor_v2";
inline constexpr std::string_view kRebuildTensor3 = "torch._utils._rebuild_tensor_v3";
inline constexpr std::string_view kRebuildParameter = "torch._utils._rebuild_parameter";
inline constexpr std::string_view kRebuildParameterWithState =
    "torch._utils._rebuild_parameter_with_state";
inline constexpr std::string_view kRebuildFromType = "torch._tensor._rebuild_from_type_v2";
inline constexpr std::string_view kRebuildQuantized = "torch._utils._rebuild_qtensor";
inline constexpr std::string_view kRebuildSparse = "torch._utils._rebuild_sparse_tensor";

}  // namespace denoscope
