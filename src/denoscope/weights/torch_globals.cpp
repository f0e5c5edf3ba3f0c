#include "denoscope/weights/torch_globals.h"

#include <iterator>

namespace denoscope {
namespace {

// TypedStorage says nothing of its elements.
constexpr TorchElement kStorages[] = {
    {"DoubleStorage", 8, ElementType::kFloat64}, {"FloatStorage", 4, ElementType::kFloat32},
    {"HalfStorage", 2, ElementType::kFloat16},   {"BFloat16Storage", 2, ElementType::kBfloat16},
    {"LongStorage", 8, ElementType::kInt64},     {"IntStorage", 4, ElementType::kInt32},
    {"ShortStorage", 2, ElementType::kInt16},    {"CharStorage", 1, ElementType::kInt8},
    {"ByteStorage", 1, ElementType::kUint8},     {"BoolStorage", 1, ElementType::kBool},
    {"UntypedStorage", 1, ElementType::kUint8},  {"_UntypedStorage", 1, ElementType::kUint8},
    {"TypedStorage", 0, std::nullopt},           {"_TypedStorage", 0, std::nullopt},
    {"ComplexDoubleStorage", 16, std::nullopt},  {"ComplexFloatStorage", 8, std::nullopt},
    {"QInt32Storage", 4, std::nullopt},          {"QInt8Storage", 1, std::nullopt},
    {"QUInt8Storage", 1, std::nullopt},          {"QUInt4x2Storage", 1, std::nullopt},
    {"QUInt2x4Storage", 1, std::nullopt}};

constexpr std::string_view kStorageModules[] = {"torch.", "torch.cuda.", "torch.storage."};

constexpr TorchElement kDtypes[] = {{"torch.float64", 8, ElementType::kFloat64},
                                    {"torch.float32", 4, ElementType::kFloat32},
                                    {"torch.float16", 2, ElementType::kFloat16},
                                    {"torch.bfloat16", 2, ElementType::kBfloat16},
                                    {"torch.float8_e4m3fn", 1, ElementType::kFloat8E4m3},
                                    {"torch.float8_e5m2", 1, ElementType::kFloat8E5m2},
                                    {"torch.int64", 8, ElementType::kInt64},
                                    {"torch.int32", 4, ElementType::kInt32},
                                    {"torch.int16", 2, ElementType::kInt16},
                                    {"torch.int8", 1, ElementType::kInt8},
                                    {"torch.uint64", 8, ElementType::kUint64},
                                    {"torch.uint32", 4, ElementType::kUint32},
                                    {"torch.uint16", 2, ElementType::kUint16},
                                    {"torch.uint8", 1, ElementType::kUint8},
                                    {"torch.bool", 1, ElementType::kBool},
                                    {"torch.float8_e4m3fnuz", 1, std::nullopt},
                                    {"torch.float8_e5m2fnuz", 1, std::nullopt},
                                    {"torch.complex32", 4, std::nullopt},
                                    {"torch.complex64", 8, std::nullopt},
                                    {"torch.complex128", 16, std::nullopt},
                                    {"torch.qint32", 4, std::nullopt},
                                    {"torch.qint8", 1, std::nullopt},
                                    {"torch.quint8", 1, std::nullopt},
                                    {"torch.quint4x2", 1, std::nullopt},
                                    {"torch.quint2x4", 1, std::nullopt}};

constexpr std::string_view kTorchNames[] = {kRebuildTensor,
                                            kRebuildTensor2,
                                            kRebuildTensor3,
                                            kRebuildParameter,
                                            kRebuildParameterWithState,
                                            kRebuildFromType,
                                            kRebuildQuantized,
                                            kRebuildSparse,
                                            "torch.Size",
                                            "torch.Tensor",
                                            "torch.device",
                                            "torch.nn.parameter.Parameter",
                                            "torch.nn.parameter.Buffer",
                                            "torch.per_channel_affine",
                                            "torch.per_tensor_affine",
                                            "torch.serialization._get_layout",
                                            "torch.sparse_coo",
                                            "torch.strided"};

// Constructors of plain data, of which we keep no more than that they were called, and names that
// checkpoints of trainers hold as values or keys.
constexpr std::string_view kDataNames[] = {
    "_codecs.encode",
    "argparse.Namespace",
    "collections.Counter",
    "collections.OrderedDict",
    "collections.defaultdict",
    "collections.deque",
    "datetime.date",
    "datetime.datetime",
    "datetime.timedelta",
    "numpy._core.multiarray._reconstruct",
    "numpy._core.multiarray.scalar",
    "numpy.core.multiarray._reconstruct",
    "numpy.core.multiarray.scalar",
    "numpy.dtype",
    "numpy.ndarray",
    "pathlib.PosixPath",
    "pathlib.PurePosixPath",
    "pathlib.WindowsPath",
    "pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint",
    "typing.Any"};

// In builtins and, as Python 2 has it, __builtin__.
constexpr std::string_view kBuiltinNames[] = {"complex",
                                              "dict",
                                              "float",
                                              "frozenset",
                                              "int",
                                              "list",
                                              "range",
                                              "set",
                                              "slice",
                                              "str",
                                              "tuple"};

}  // namespace

const std::set<std::string>& TorchGlobals() {
  static const std::set<std::string> names = [] {
    std::set<std::string> all(std::begin(kTorchNames), std::end(kTorchNames));
    all.insert(std::begin(kDataNames), std::end(kDataNames));
    for (const std::string module : {"builtins.", "__builtin__."})
      for (const std::string_view name : kBuiltinNames) all.insert(module + std::string(name));
    for (const std::string_view module : kStorageModules)
      for (const TorchElement& kind : kStorages)
        all.insert(std::string(module) + std::string(kind.name));
    for (const TorchElement& kind : kDtypes) all.emplace(kind.name);
    return all;
  }();
  return names;
}

const TorchElement* FindStorageType(std::string_view global) {
  for (const std::string_view module : kStorageModules)
    if (global.substr(0, module.size()) == module)
      for (const TorchElement& storage : kStorages)
        if (global.substr(module.size()) == storage.name) return &storage;
  return nullptr;
}

const TorchElement* FindDtype(std::string_view global) {
  for (const TorchElement& dtype : kDtypes)
    if (global == dtype.name) return &dtype;
  return nullptr;
}

}  // namespace denoscope
