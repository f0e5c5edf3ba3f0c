#include "denoscope/weights/torch_checkpoint.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "denoscope/arrays/npy.h"
#include "denoscope/files/atomic_file.h"
#include "tests/support/counting_source.h"
#include "tests/support/expect_error.h"
#include "tests/support/pretrained.h"
#include "tests/support/python.h"
#include "tests/support/torch_writer.h"

namespace denoscope {
namespace {

using namespace pickling;  // NOLINT(google-build-using-namespace)

// A checkpoint whose bytes live as long as the reader that looks at them.
class Opened {
 public:
  explicit Opened(std::string content, const std::string& key = "")
      : content_(std::make_unique<std::string>(std::move(content))),
        file_(OpenTorchCheckpoint(MemorySource("x.pt", *content_), key)) {}
  WeightsFile* operator->() const { return file_.get(); }

  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& [name, info] : file_->Tensors()) names.push_back(name);
    return names;
  }

 private:
  std::unique_ptr<std::string> content_;
  std::unique_ptr<WeightsFile> file_;
};

using Names = std::vector<std::string>;
using Notes = std::vector<std::string>;

void ReadAll(const std::string& content) {
  const Opened file(content);
  for (const std::string& name : file.Names()) file->Read(name);
}

void ExpectRefused(const std::string& content, std::initializer_list<std::string> pieces) {
  ExpectError([&] { ReadAll(content); }, {"'x.pt"});
  ExpectError([&] { ReadAll(content); }, pieces);
}

std::vector<float> Floats(const Array& array) {
  const float* data = array.Data<float>();
  return {data, data + ElementCount(array.shape)};
}

std::vector<float> Counted(std::size_t count) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<float>(i);
  return values;
}

std::string Bytes(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

class BothFormats : public testing::TestWithParam<bool> {
 protected:
  // A checkpoint of the object that `compose` makes.
  template <typename Compose>
  std::string File(const Compose& compose) const {
    TorchWriter writer(GetParam());
    const std::string object = compose(writer);
    return writer.File(object);
  }
  // One tensor 'w' that is a view of 0, 1, .., count - 1.
  std::string ViewFile(std::size_t count,
                       std::int64_t offset,
                       const Shape& shape,
                       const Shape& stride) const {
    return File([&](TorchWriter& writer) {
      const std::string storage =
          writer.Storage(Bytes(Counted(count)), "FloatStorage", static_cast<std::int64_t>(count));
      return Dict({{"w", TorchWriter::View(storage, offset, shape, stride)}});
    });
  }
};

INSTANTIATE_TEST_SUITE_P(TorchCheckpoint, BothFormats, testing::Bool(), [](const auto& suite) {
  return suite.param ? "Legacy" : "Zip";
});

TEST_P(BothFormats, ReadsADictionaryOfTensors) {
  const Opened file(File([](TorchWriter& writer) {
    return OrderedDict({{"b.weight", writer.Tensor({2, 2}, {1, 2, 3, 4})},
                        {"a", writer.Tensor({}, {5})},
                        {"empty", writer.Tensor({0, 3}, {})}});
  }));
  EXPECT_EQ(file->Name(), "x.pt");
  EXPECT_EQ(file->Format(), GetParam() ? "torch legacy" : "torch zip");
  EXPECT_EQ(file.Names(), (Names{"a", "b.weight", "empty"}));
  EXPECT_TRUE(file->Notes().empty());
  EXPECT_EQ(file->Tensors().at("b.weight").shape, (Shape{2, 2}));
  EXPECT_EQ(Floats(file->Read("b.weight")), (std::vector<float>{1, 2, 3, 4}));
  EXPECT_EQ(file->Read("a").shape, Shape{});
  EXPECT_EQ(file->Read("empty").shape, (Shape{0, 3}));
  ExpectError([&] { file->Read("c"); }, {"checkpoint 'x.pt': tensor 'c'", "found none"});
}

TEST_P(BothFormats, ReadsEveryElementType) {
  const std::vector<std::pair<std::string, ElementType>> types = {
      {"DoubleStorage", ElementType::kFloat64},
      {"FloatStorage", ElementType::kFloat32},
      {"HalfStorage", ElementType::kFloat16},
      {"BFloat16Storage", ElementType::kBfloat16},
      {"LongStorage", ElementType::kInt64},
      {"IntStorage", ElementType::kInt32},
      {"ShortStorage", ElementType::kInt16},
      {"CharStorage", ElementType::kInt8},
      {"ByteStorage", ElementType::kUint8},
      {"BoolStorage", ElementType::kBool}};
  for (const std::string device : {"", "cuda."})
    for (const auto& [name, type] : types) {
      SCOPED_TRACE(device + name);
      Array array = {type, {3}, std::vector<std::uint8_t>(3 * ElementSize(type))};
      for (std::size_t i = 0; i < array.bytes.size(); ++i)
        array.bytes[i] = static_cast<std::uint8_t>(type == ElementType::kBool ? i % 2 : i + 1);
      const std::string storage = device + name;
      const Opened file(File([&](TorchWriter& writer) {
        return Dict({{"w", writer.TypedTensor(array, storage)}});
      }));
      const Array read = file->Read("w");
      EXPECT_EQ(read.type, type);
      EXPECT_EQ(read.shape, array.shape);
      EXPECT_EQ(read.bytes, array.bytes);
    }
}

TEST_P(BothFormats, ReadsTensorsOfUntypedStoragesByTheirDtype) {
  const Opened file(File([](TorchWriter& writer) {
    const std::string storage = writer.Storage(Bytes({1, 2, 3}), "storage.UntypedStorage", 12);
    const std::string more = writer.Storage(std::string(8, '\1'), "storage.UntypedStorage", 8);
    const auto typed = [](const std::string& of, std::int64_t offset, const std::string& dtype) {
      return Call(Global("torch._utils", "_rebuild_tensor_v3"),
                  {of, Int(offset), Ints({2}), Ints({1}), kFalse, OrderedDict({}), dtype});
    };
    return Dict({{"a", typed(storage, 1, Global("torch", "float32"))},
                 {"b", typed(more, 2, Global("torch", "float8_e5m2"))},
                 {"c", typed(more, 2, Global("torch", "uint16"))}});
  }));
  EXPECT_EQ(Floats(file->Read("a")), (std::vector<float>{2, 3}));
  EXPECT_EQ(file->Read("b").type, ElementType::kFloat8E5m2);
  EXPECT_EQ(file->Read("c").AsDoubles(), (std::vector<double>{257, 257}));
}

// Places of the weights.

TEST_P(BothFormats, FindsWeightsAtTheUsualPlaces) {
  for (const std::string place :
       {"model", "state_dict", "model_state_dict", "ema", "ema_state_dict", "params", "net"}) {
    const Opened file(File([&](TorchWriter& writer) {
      return Dict({{"epoch", Int(3)}, {place, OrderedDict({{"w", writer.Tensor({1}, {2})}})}});
    }));
    EXPECT_EQ(file.Names(), Names{"w"});
    EXPECT_EQ(file->Notes(), Notes{"weights found at '" + place + "'"});
  }
}

TEST_P(BothFormats, PrefersTheFirstPlaceAndNotesTheOthers) {
  const auto compose = [](TorchWriter& writer) {
    return Dict({{"ema", Dict({{"w", writer.Tensor({1}, {1})}})},
                 {"averages", Dict({{"w", writer.Tensor({1}, {1})}})},
                 {"model", Dict({{"w", writer.Tensor({1}, {2})}})},
                 {"optimizer", Dict({{"state", Dict({})}})}});
  };
  const Opened file(File(compose));
  EXPECT_EQ(Floats(file->Read("w")), std::vector<float>{2});
  EXPECT_EQ(file->Notes(), (Notes{"weights found at 'model'", "also there: 'ema', 'averages'"}));
  EXPECT_EQ(Floats(Opened(File(compose), "averages")->Read("w")), std::vector<float>{1});
  EXPECT_EQ(file->Place(), "model");
  EXPECT_EQ(Opened(File(compose), "averages")->Place(), "averages");
}

TEST_P(BothFormats, FindsWeightsInListsAndFurtherPlaces) {
  const Opened file(File([](TorchWriter& writer) {
    const std::string inner = Dict({{"state_dict", Dict({{"w", writer.Tensor({1}, {7})}})}});
    return Dict({{"model", List({Dict({}), inner})}});
  }));
  EXPECT_EQ(Floats(file->Read("w")), std::vector<float>{7});
  EXPECT_EQ(file->Notes(), Notes{"weights found at 'model.1.state_dict'"});
  EXPECT_EQ(file->Place(), "model.1.state_dict");
}

TEST_P(BothFormats, ATensorBesideAUsualPlaceIsNoWeight) {
  const Opened file(File([](TorchWriter& writer) {
    return Dict({{"best_loss", writer.Tensor({}, {1})},
                 {"state_dict", Dict({{"w", writer.Tensor({1}, {7})}})}});
  }));
  EXPECT_EQ(file.Names(), Names{"w"});
  const Opened flat(File([](TorchWriter& writer) {
    return Dict({{"w", writer.Tensor({}, {1})}, {"params", Dict({{"rate", Float(0.1)}})}});
  }));
  EXPECT_EQ(flat.Names(), Names{"w"});
  EXPECT_EQ(flat->Place(), "");
  EXPECT_EQ(flat->Notes(), Notes{"skipped 'params' (dictionary)"});
}

TEST_P(BothFormats, FollowsADottedKey) {
  const std::string content = File([](TorchWriter& writer) {
    const std::string weights = Dict({{"w", writer.Tensor({1}, {3})}});
    const std::string deep = kEmptyDict + Int(2) + Dict({{"x", weights}}) + "s";
    return Dict({{"runs", List({Int(0), deep})}, {"a.b", weights}, {"a", Dict({{"c", kNone}})}});
  });
  EXPECT_EQ(Opened(content, "runs.1.2.x").Names(), Names{"w"});
  EXPECT_EQ(Opened(content, "a.b").Names(), Names{"w"});
  const auto refused = [&](const std::string& key, std::initializer_list<std::string> pieces) {
    ExpectError([&] { Opened(content, key); }, pieces);
  };
  refused("ema", {"key 'ema'", "expected 'ema' in the file", "'runs' (list), 'a.b' (dictionary)"});
  refused("runs.2", {"expected '2' in 'runs', found list of 2"});
  refused("runs.x", {"expected 'x' in 'runs'"});
  refused("runs.0", {"expected a dictionary of tensors, found integer"});
  refused("runs.0.x", {"expected 'x' in 'runs.0', found integer"});
  refused("a.c", {"found none"});
  refused("a.d", {"expected 'd' in 'a', found dictionary with 'c' (none)"});
  refused(".", {"expected '.' in the file"});
  refused("runs.1..x", {"expected '.x' in 'runs.1'"});
}

TEST_P(BothFormats, SaysWhatIsThereWhenThereAreNoTensors) {
  const auto of = [](const std::string& object) { return TorchWriter(false).File(object); };
  ExpectRefused(of(Int(3)), {"expected a dictionary of tensors, found integer"});
  ExpectRefused(of(Dict({})), {"found dictionary with nothing"});
  ExpectRefused(of(List({Int(1)})), {"found list of 1"});
  ExpectRefused(of(Dict({{"generator", Dict({})}, {"epoch", Int(1)}})),
                {"found dictionary with 'generator' (dictionary), 'epoch' (integer)"});
  Entries many;
  for (int i = 0; i < 20; ++i) many.emplace_back("key" + std::to_string(i), kNone);
  ExpectRefused(of(Dict(many)), {"'key7' (none), .."});
  ExpectRefused(File([](TorchWriter& writer) { return writer.Tensor({1}, {1}); }),
                {"found tensor"});
}

TEST_P(BothFormats, NotesWhatItSkips) {
  const Opened file(File([](TorchWriter& writer) {
    return kEmptyDict + "(" + Str("w") + writer.Tensor({1}, {1}) + Int(4) +
           writer.Tensor({1}, {1}) + Str("args\n") +
           Object(Global("argparse", "Namespace"), Dict({{"lr", Float(0.1)}})) + Str("size") +
           Call(Global("torch", "Size"), {Ints({1, 2})}) + Str("type") +
           Global("torch", "float32") + "u";
  }));
  EXPECT_EQ(file.Names(), Names{"w"});
  EXPECT_EQ(file->Notes(),
            (Notes{"skipped '4' (tensor)",
                   "skipped 'args?' (object 'argparse.Namespace')",
                   "skipped 'size' (value of 'torch.Size')",
                   "skipped 'type' (global 'torch.float32')"}));
}

TEST_P(BothFormats, KeepsNotesShort) {
  const Opened file(File([](TorchWriter& writer) {
    Entries entries = {{"w", writer.Tensor({1}, {1})}};
    for (int i = 0; i < 30; ++i)
      entries.emplace_back(std::string(100, 'a') + std::to_string(i), kNone);
    return Dict(entries);
  }));
  ASSERT_EQ(file->Notes().size(), 9u);
  EXPECT_EQ(file->Notes()[0], "skipped '" + std::string(60, 'a') + "..' (none)");
  EXPECT_EQ(file->Notes()[8], "skipped 22 more");
}

TEST_P(BothFormats, TheLastOfEqualNamesWins) {
  const Opened file(File([](TorchWriter& writer) {
    return Dict({{"w", writer.Tensor({1}, {1})},
                 {"w", writer.Tensor({1}, {2})},
                 {"v", writer.Tensor({1}, {3})},
                 {"v", kNone}});
  }));
  EXPECT_EQ(file.Names(), Names{"w"});
  EXPECT_EQ(Floats(file->Read("w")), std::vector<float>{2});
}

TEST_P(BothFormats, DropsAPrefixThatAllNamesShare) {
  const Opened file(File([](TorchWriter& writer) {
    return Dict({{"module._orig_mod.a", writer.Tensor({1}, {1})},
                 {"module._orig_mod.b", writer.Tensor({1}, {1})}});
  }));
  EXPECT_EQ(file.Names(), (Names{"a", "b"}));
  EXPECT_EQ(file->Notes(),
            (Notes{"prefix 'module.' dropped from every name",
                   "prefix '_orig_mod.' dropped from every name"}));
  const Opened other(File([](TorchWriter& writer) {
    return Dict({{"module.a", writer.Tensor({1}, {1})}, {"b", writer.Tensor({1}, {1})}});
  }));
  EXPECT_EQ(other.Names(), (Names{"b", "module.a"}));
  const Opened whole(File([](TorchWriter& writer) {
    return Dict({{"module.", writer.Tensor({1}, {1})}});
  }));
  EXPECT_EQ(whole.Names(), Names{"module."});
}

// Python 2 writes an OrderedDict with its pairs, and names as byte strings.
TEST_P(BothFormats, ReadsDictionariesOfPythonTwo) {
  const Opened file(File([](TorchWriter& writer) {
    const std::string name = "U" + Little(1, 1) + "w";
    return Call(Global("collections", "OrderedDict"),
                {List({List({name, writer.Tensor({1}, {1})})})});
  }));
  EXPECT_EQ(file.Names(), Names{"w"});
}

TEST_P(BothFormats, ReadsObjectsThatExtendADictionary) {
  const Opened file(File([](TorchWriter& writer) {
    return Global("easydict", "EasyDict") + kEmptyTuple + kNewObj +
           SetItems({{"w", writer.Tensor({1}, {1})}});
  }));
  EXPECT_EQ(file.Names(), Names{"w"});
}

// Tensors.

TEST_P(BothFormats, ReadsViews) {
  const auto read = [&](std::int64_t offset, const Shape& shape, const Shape& stride) {
    const Opened file(ViewFile(24, offset, shape, stride));
    EXPECT_EQ(file->Read("w").shape, shape);
    return Floats(file->Read("w"));
  };
  using F = std::vector<float>;
  EXPECT_EQ(read(4, {3}, {1}), (F{4, 5, 6}));
  EXPECT_EQ(read(0, {3}, {1}), (F{0, 1, 2}));
  EXPECT_EQ(read(2, {2, 2}, {1, 10}), (F{2, 12, 3, 13}));        // transposed
  EXPECT_EQ(read(1, {3, 2}, {8, 2}), (F{1, 3, 9, 11, 17, 19}));  // every other column
  EXPECT_EQ(read(0, {1, 2, 2, 2}, {8, 1, 4, 2}), (F{0, 2, 4, 6, 1, 3, 5, 7}));  // channels last
  EXPECT_EQ(read(23, {1, 1}, {1000, 7}), F{23});              // the stride of one row means nothing
  EXPECT_EQ(read(3, {2, 3}, {0, 1}), (F{3, 4, 5, 3, 4, 5}));  // expanded
  EXPECT_EQ(read(23, {5}, {0}), F(5, 23));
  EXPECT_EQ(read(0, {2, 3}, {1, 1}), (F{0, 1, 2, 1, 2, 3}));  // overlapping windows
  EXPECT_EQ(read(24, {0}, {1}), F{});
  EXPECT_EQ(read(7, {}, {}), F{7});
  EXPECT_EQ(
      read(0, {0, std::int64_t{1} << 57, std::int64_t{1} << 57}, {1, std::int64_t{1} << 57, 1}),
      F{});
}

TEST_P(BothFormats, ReadsSharedStorages) {
  const Opened file(File([](TorchWriter& writer) {
    const std::string storage = writer.Storage(Bytes(Counted(4)), "FloatStorage", 4);
    const std::string again = writer.Reference(0, "FloatStorage", 4);
    return Dict({{"whole", TorchWriter::View(storage, 0, {4}, {1})},
                 {"tied", TorchWriter::View(again, 0, {4}, {1})},
                 {"half", TorchWriter::View(again, 2, {2}, {1})}});
  }));
  EXPECT_EQ(Floats(file->Read("whole")), Counted(4));
  EXPECT_EQ(Floats(file->Read("tied")), Counted(4));
  EXPECT_EQ(Floats(file->Read("half")), (std::vector<float>{2, 3}));
}

TEST_P(BothFormats, ReadsParametersAndSubclasses) {
  const Opened file(File([](TorchWriter& writer) {
    const std::string rebuild = Global("torch._utils", "_rebuild_parameter");
    const std::string t = writer.Tensor({1}, {1});
    const std::string view = writer.Storage(Bytes({8, 9}), "FloatStorage", 2);
    return Dict({{"parameter", Call(rebuild, {t, kTrue, OrderedDict({})})},
                 {"state",
                  Call(Global("torch._utils", "_rebuild_parameter_with_state"),
                       {t, kTrue, OrderedDict({}), Dict({{"a", Int(1)}})})},
                 {"subclass",
                  Call(Global("torch._tensor", "_rebuild_from_type_v2"),
                       {Global("torch._utils", "_rebuild_tensor_v2"),
                        Global("torch", "Tensor"),
                        Tuple({view, Int(1), Ints({1}), Ints({1}), kFalse, OrderedDict({})}),
                        Dict({})})},
                 {"first",
                  Call(Global("torch._utils", "_rebuild_tensor"),
                       {view, Int(0), Call(Global("torch", "Size"), {Ints({2})}), Ints({1})})}});
  }));
  EXPECT_EQ(file.Names(), (Names{"first", "parameter", "state", "subclass"}));
  EXPECT_EQ(Floats(file->Read("subclass")), std::vector<float>{9});
  EXPECT_EQ(Floats(file->Read("first")), (std::vector<float>{8, 9}));
}

TEST_P(BothFormats, NotesComplexQuantizedAndSparseTensors) {
  const Opened file(File([](TorchWriter& writer) {
    const std::string complex = writer.Storage(std::string(8, '\0'), "ComplexFloatStorage", 1);
    const std::string quantized = writer.Storage("a", "QUInt8Storage", 1);
    return Dict({{"w", writer.Tensor({1}, {1})},
                 {"complex", TorchWriter::View(complex, 0, {1}, {1})},
                 {"quantized",
                  Call(Global("torch._utils", "_rebuild_qtensor"),
                       {quantized,
                        Int(0),
                        Ints({1}),
                        Ints({1}),
                        Tuple({Global("torch", "per_tensor_affine"), Float(1), Int(0)}),
                        kFalse,
                        kNone})},
                 {"sparse",
                  Call(Global("torch._utils", "_rebuild_sparse_tensor"),
                       {Global("torch", "sparse_coo"), kEmptyTuple})}});
  }));
  EXPECT_EQ(file.Names(), Names{"w"});
  EXPECT_EQ(file->Notes(),
            (Notes{"skipped 'complex' (complex, quantized or sparse)",
                   "skipped 'quantized' (complex, quantized or sparse)",
                   "skipped 'sparse' (complex, quantized or sparse)"}));
  ExpectRefused(File([](TorchWriter& writer) {
                  const std::string complex =
                      writer.Storage(std::string(16, '\0'), "ComplexDoubleStorage", 1);
                  return Dict({{"w", TorchWriter::View(complex, 0, {1}, {1})}});
                }),
                {"expected tensors of real numbers"});
}

TEST_P(BothFormats, ReadsAWholeModule) {
  const auto compose = [&](TorchWriter& writer) {
    const std::string relu = Module("Relu", {}, {}, {});
    const std::string conv =
        Module("Conv", {{"weight", writer.Tensor({1}, {1})}, {"bias", kNone}}, {}, {});
    const std::string norm =
        Module("Norm",
               {},
               {{"mean", writer.Tensor({1}, {2})}, {"cache", writer.Tensor({1}, {3})}},
               {},
               {{"_non_persistent_buffers_set",
                 Call(Global("__builtin__", "set"), {List({Str("cache")})})}});
    return Module("Net",
                  {{"scale", writer.Tensor({1}, {4})}},
                  {},
                  {{"body", Module("Sequential", {}, {}, {{"0", conv}, {"1", relu}, {"2", norm}})},
                   {"none", kNone}});
  };
  const Opened file(File(compose));
  EXPECT_EQ(file.Names(), (Names{"body.0.weight", "body.2.mean", "scale"}));
  EXPECT_EQ(Floats(file->Read("body.2.mean")), std::vector<float>{2});
  const Opened inside(File([&](TorchWriter& writer) { return Dict({{"net", compose(writer)}}); }));
  EXPECT_EQ(inside->Notes(), Notes{"weights found at 'net'"});
  EXPECT_EQ(Opened(File(compose), "_modules.body").Names(), (Names{"0.weight", "2.mean"}));
}

TEST_P(BothFormats, KeepsOpaqueObjectsOutOfTheWay) {
  const Opened file(File([](TorchWriter& writer) {
    return Dict({{"args", Object(Global("argparse", "Namespace"), Dict({{"lr", Float(0.1)}}))},
                 {"path", Call(Global("pathlib", "PosixPath"), {Str("/"), Str("a")})},
                 {"rng",
                  Call(Global("numpy.core.multiarray", "_reconstruct"),
                       {Global("numpy", "ndarray"), Ints({0}), Str("b")}) +
                      Tuple({Int(1)}) + kBuild},
                 {"custom", Object(Global("lightning.callbacks", "Saver"), Dict({}))},
                 {"state_dict", Dict({{"w", writer.Tensor({1}, {1})}})}});
  }));
  EXPECT_EQ(file.Names(), Names{"w"});
}

// Hostile and damaged files.

TEST_P(BothFormats, RefusesCallsAnywhereInTheObject) {
  for (const auto& [module, name] : Entries{{"os", "system"},
                                            {"posix", "system"},
                                            {"builtins", "eval"},
                                            {"torch", "load"},
                                            {"torch.hub", "load"},
                                            {"builtins", "getattr"},
                                            {"torch.serialization", "load"}})
    ExpectRefused(
        File([&, m = module, n = name](TorchWriter& writer) {
          return Dict({{"w", writer.Tensor({1}, {1})}, {"a", Call(Global(m, n), {Str("id")})}});
        }),
        {"pickle 'x.pt", "at byte ", fmt::format("global '{}.{}' is called", module, name)});
  ExpectRefused(File([](TorchWriter& writer) {
                  return Dict({{"w", writer.Tensor({1}, {1})}, {"f", Global("os", "system")}});
                }),
                {"global 'os.system' is not allowed"});
}

TEST_P(BothFormats, RefusesViewsOutsideTheirStorage) {
  const auto refused = [&](std::int64_t offset,
                           const Shape& shape,
                           const Shape& stride,
                           std::initializer_list<std::string> pieces) {
    const std::string content = ViewFile(6, offset, shape, stride);
    ExpectRefused(content, {"checkpoint 'x.pt': tensor 'w': pickle at byte "});
    ExpectRefused(content, pieces);
  };
  const std::int64_t huge = std::int64_t{1} << 57, most = INT64_MAX;
  refused(0, {7}, {1}, {"at most the 6 elements of storage '0', found shape [7]"});
  refused(1, {6}, {1}, {"shape [6] with stride [1] within 5 elements of storage '0'"});
  refused(7, {0}, {1}, {"an offset within 6 elements of storage '0', found 7"});
  refused(6, {}, {}, {"within 0 elements"});
  refused(0, {2, 2}, {4, 2}, {"within 6 elements"});
  refused(0, {2}, {huge}, {"within 6 elements"});
  refused(0, {2, 2, 2}, {huge, huge, huge}, {"at most the 6"});
  refused(0, {2, 2}, {huge, huge}, {"within 6 elements"});
  refused(-1, {1}, {1}, {"offset: expected 0 to 2^58, found -1"});
  refused(0, {-1}, {1}, {"size: expected 0 to 2^58, found -1"});
  refused(5, {2}, {-1}, {"stride: expected 0 to 2^58, found -1"});
  refused(0, {most}, {0}, {"found 9223372036854775807"});
  refused(0, {huge, huge}, {0, 0}, {"2^63"});
  refused(0, {huge}, {0}, {"at most the 6 elements"});
  refused(0, {1000}, {0}, {"at most the 6 elements"});
  refused(0, {3, 3}, {1, 1}, {"at most the 6 elements"});
  refused(0, {1, 1}, {1}, {"a stride for each of 2 dimensions, found 1"});
  refused(0, Shape(65, 1), Shape(65, 1), {"at most 64 dimensions, found 65"});
}

TEST_P(BothFormats, RefusesMalformedTensors) {
  const auto refused = [&](const std::vector<std::string>& arguments,
                           std::initializer_list<std::string> pieces) {
    const std::string rebuild = Global("torch._utils", "_rebuild_tensor_v2");
    ExpectRefused(File([&](TorchWriter& writer) {
                    std::vector<std::string> all = arguments;
                    for (std::string& a : all)
                      if (a == "S") a = writer.Storage(Bytes({1}), "FloatStorage", 1);
                    return Dict({{"w", Call(rebuild, all)}});
                  }),
                  pieces);
  };
  refused({}, {"tensor 'w'", "at least 4 arguments, found 0"});
  refused({"S", Int(0), Ints({1})}, {"found 3"});
  refused({Str("S"), Int(0), Ints({1}), Ints({1})}, {"expected a storage, found string"});
  refused({"S", Str("0"), Ints({1}), Ints({1})}, {"expected integer as offset, found string"});
  refused({"S", Int(0), Str("1"), Ints({1})}, {"expected tuple as size, found string"});
  refused({"S", Int(0), Ints({1}), Tuple({Float(1)})}, {"expected integer as stride, found float"});
  const auto persistent = [&](const std::vector<std::string>& id,
                              std::initializer_list<std::string> pieces) {
    const std::string storage = Persistent(id);
    ExpectRefused(TorchWriter(false).File(Dict({{"w", TorchWriter::View(storage, 0, {}, {})}})),
                  pieces);
  };
  const std::string type = Global("torch", "FloatStorage");
  persistent({Str("storage")}, {"5 or 6 items, found 1"});
  persistent({Str("module"), type, Str("0"), Str("cpu"), Int(1)}, {"found persistent id"});
  persistent({Str("storage"), Str("F"), Str("0"), Str("cpu"), Int(1)}, {"global as storage type"});
  persistent({Str("storage"), type, Int(0), Str("cpu"), Int(1)}, {"string as storage key"});
  persistent({Str("storage"), type, Str("0"), Str("cpu"), Int(-1)}, {"storage size", "found -1"});
  persistent({Str("storage"), Global("torch", "Size"), Str("0"), Str("cpu"), Int(1)},
             {"expected a storage type, found 'torch.Size'"});
  persistent({Str("storage"), type, Str("0"), Str("cpu"), Int(1)}, {"storage '0', found none"});
}

TEST(HostileCheckpoint, ModulesThatReferToEachOtherEndlessly) {
  // A module that is its own child.
  const std::string cycle = Global("m", "T") + ")\x81q\1" +
                            Dict({{"_parameters", Dict({})}, {"_modules", Dict({{"a", "h\1"}})}}) +
                            kBuild;
  ExpectRefused(TorchWriter(false).File(cycle), {"modules nested at most 64 deep"});
  // 2^60 ways to the innermost.
  std::string doubled = Module("T", {}, {}, {}) + "q\1";
  for (int i = 0; i < 60; ++i) doubled += Module("T", {}, {}, {{"a", "h\1"}, {"b", "h\1"}}) + "q\1";
  ExpectRefused(TorchWriter(false).File(doubled), {"names below 2^23 bytes in all"});
  ExpectRefused(TorchWriter(false).File(Module("T", {}, {}, {{std::string(2000, 'a'), cycle}})),
                {"names of at most 1000 bytes"});
}

TEST(HostileCheckpoint, ListsThatReferToTheSameNodesManyTimes) {
  std::string bomb = "](NNe";
  for (int i = 0; i < 100; ++i) bomb += "q\1](" + Repeated("h\1", 100) + "e";
  ExpectRefused(TorchWriter(false).File(Dict({{"model", bomb}})),
                {"expected a dictionary of tensors"});
  ExpectRefused(TorchWriter(false).File(Repeated("]", 100'000) + Repeated("a", 99'999)),
                {"found list of 1"});
}

// What a node refers to may be large and shared: each visit would go through all of it.
TEST(HostileCheckpoint, ManyNodesThatShareALargeDictionary) {
  const std::string large = kEmptyDict + "q\1(" + Repeated("NN", 20'000) + "u0";
  const std::string objects = "](" + Repeated(Global("m", "T") + ")\x81h\1b", 20'000) + "e";
  ExpectRefused(TorchWriter(false).File(large + objects), {"2^24 entries of dictionaries"});
  const std::string pairs = kEmptyList + "(" + Repeated("NN\x86", 20'000) + "e\x85q\1";
  const std::string calls =
      "](" + Repeated(Global("collections", "OrderedDict") + "h\1R", 20'000) + "e";
  ExpectRefused(TorchWriter(false).File(pairs + "0" + calls), {"2^24 entries of dictionaries"});
}

TEST_P(BothFormats, DropsPrefixesNotForEver) {
  const Opened file(File([](TorchWriter& writer) {
    return Dict({{Repeated("module.", 100), writer.Tensor({1}, {1})}});
  }));
  EXPECT_EQ(file.Names(), Names{Repeated("module.", 96)});
}

TEST_P(BothFormats, RefusesLongNames) {
  ExpectRefused(File([](TorchWriter& writer) {
                  return Dict({{std::string(1001, 'a'), writer.Tensor({1}, {1})}});
                }),
                {"names of at most 1000 bytes, found 'aaa"});
  const std::string storage = Persistent({Str("storage"),
                                          Global("torch", "FloatStorage"),
                                          Str(std::string(1001, 'a')),
                                          Str("cpu"),
                                          Int(1)});
  ExpectRefused(TorchWriter(false).File(Dict({{"w", TorchWriter::View(storage, 0, {}, {})}})),
                {"a storage key of at most 1000 bytes"});
}

std::string SmallFile(bool legacy) {
  TorchWriter writer(legacy);
  const std::string shared = writer.Storage(Bytes(Counted(6)), "cuda.FloatStorage", 6);
  const std::string object =
      Dict({{"model",
             OrderedDict({{"a", writer.Tensor({2}, {1, 2})},
                          {"t", TorchWriter::View(shared, 0, {2, 3}, {1, 2})}})}});
  return writer.File(object);
}

TEST_P(BothFormats, RefusesEveryTruncation) {
  const std::string content = SmallFile(GetParam());
  ASSERT_NO_THROW(ReadAll(content));
  for (std::size_t size = 0; size < content.size(); ++size)
    EXPECT_THROW(ReadAll(content.substr(0, size)), Error) << size;
}

// Zip files have checksums: what is read in spite of a change is right. In legacy files not every
// change can be noticed, but none may do worse than throw an Error.
TEST_P(BothFormats, SurvivesEveryChangedBit) {
  const std::string content = SmallFile(GetParam());
  const Opened good(content);
  for (std::size_t i = 0; i < content.size() * 8; ++i) {
    std::string changed = content;
    changed[i / 8] = static_cast<char>(changed[i / 8] ^ 1 << i % 8);
    try {
      const Opened file(changed);
      for (const std::string& name : file.Names()) {
        const Array read = file->Read(name);
        if (GetParam()) continue;
        EXPECT_EQ(read.bytes, good->Read(name).bytes) << "bit " << i;
      }
    } catch (const Error&) {
    }
  }
}

// Of the zip format.

std::vector<ZipPart> SmallParts() {
  TorchWriter writer;
  const std::string object = Dict({{"w", writer.Tensor({2}, {1, 2})}});
  return writer.Parts(object);
}

TEST(TorchZip, ReadsAnyPrefixAndByteOrderLittle) {
  TorchWriter writer;
  const std::string object = Dict({{"w", writer.Tensor({2}, {1, 2})}});
  std::vector<ZipPart> parts = writer.Parts(object, "best model v1.5");
  parts.push_back({"best model v1.5/byteorder", "little"});
  parts.push_back({"best model v1.5/.data/serialization_id", "123"});
  EXPECT_EQ(Floats(Opened(ZipBytes(parts))->Read("w")), (std::vector<float>{1, 2}));
  parts[3].content = parts[3].unpacked = "big";
  ExpectRefused(ZipBytes(parts), {"expected byte order 'little', found 'big'"});
}

TEST(TorchZip, RefusesOtherArchives) {
  ExpectRefused(ZipBytes({}), {"expected one entry '*/data.pkl', found 0 among 0 entries"});
  ExpectRefused(ZipBytes({{"data.pkl", Pickled(kNone)}}), {"found 0 among 1"});
  ExpectRefused(ZipBytes({{"a/data.pkl", Pickled(kNone)}, {"b/data.pkl", Pickled(kNone)}}),
                {"found 2 among 2"});
  ExpectRefused("no archive at all", {"x.pt"});
  ExpectRefused("", {"x.pt"});
}

TEST(TorchZip, RefusesTorchScript) {
  for (const std::string entry : {"x/constants.pkl", "x/code/__torch__.py"}) {
    std::vector<ZipPart> parts = SmallParts();
    parts.push_back({entry, "program"});
    ExpectRefused(ZipBytes(parts),
                  {"checkpoint 'x.pt': is a TorchScript program, not a state dict"});
  }
}

TEST(TorchZip, ReadsADeflatedPickleButNoDeflatedStorage) {
  std::vector<ZipPart> parts = SmallParts();
  parts[0] = {parts[0].name, Deflated(parts[0].content), 8, parts[0].content};
  EXPECT_EQ(Opened(ZipBytes(parts)).Names(), Names{"w"});
  parts[1] = {parts[1].name, Deflated(parts[1].content), 8, parts[1].content};
  ExpectRefused(ZipBytes(parts), {"entry 'x/data/0'", "expected a stored storage"});
}

// Read in two halves at once: every byte, and the checksum of both.
TEST(TorchZip, ReadsALargeStorageWholeAndChecksIt) {
  constexpr std::int64_t kCount = 1 << 19;
  std::vector<float> values(kCount);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
  TorchWriter writer;
  const std::string object = Dict({{"w", writer.Tensor({kCount}, values)}});
  std::vector<ZipPart> parts = writer.Parts(object);
  EXPECT_EQ(Floats(Opened(ZipBytes(parts))->Read("w")), values);
  for (const std::size_t at : {std::size_t{1}, 4 * values.size() - 1}) {
    parts = writer.Parts(object);
    parts[1].content[at] ^= 1;
    const Opened file(ZipBytes(parts));
    ExpectError([&] { file->Read("w"); }, {"tensor 'w'", "expected checksum"});
  }
}

TEST(TorchZip, RefusesAWrongChecksum) {
  std::vector<ZipPart> parts = SmallParts();
  parts[1].content[5] ^= 1;  // the checksum stays that of the former content
  const Opened file(ZipBytes(parts));
  ExpectError([&] { file->Read("w"); },
              {"checkpoint 'x.pt': tensor 'w': storage at byte ", "expected checksum"});
  parts = SmallParts();
  parts[0].content[2] ^= 1;
  ExpectRefused(ZipBytes(parts), {"x/data.pkl", "checksum"});
}

TEST(TorchZip, ChecksAStorageOnceForAllItsViews) {
  TorchWriter writer;
  const std::size_t count = 200'000;
  const std::string bytes = Bytes(Counted(count));
  const std::string storage =
      writer.Storage(bytes, "FloatStorage", static_cast<std::int64_t>(count));
  const std::string object = Dict({{"a", TorchWriter::View(storage, 1, {2}, {1})},
                                   {"b", TorchWriter::View(storage, 1, {2}, {3})},
                                   {"t", TorchWriter::View(storage, 0, {2, 100'000}, {1, 2})}});
  const auto source = std::make_shared<CountingSource>("x.pt", writer.File(object));
  const auto file = OpenTorchCheckpoint(source, "");
  EXPECT_LT(source->BytesRead(), 80'000u);  // the end of the file, where the directory may be
  source->reads.clear();
  EXPECT_EQ(Floats(file->Read("a")), (std::vector<float>{1, 2}));
  EXPECT_EQ(source->BytesRead(), bytes.size() + 8);
  for (const auto& range : source->reads) EXPECT_LE(range.size, std::size_t{256} << 10);
  source->reads.clear();
  EXPECT_EQ(Floats(file->Read("b")), (std::vector<float>{1, 4}));
  EXPECT_EQ(source->BytesRead(), 16u);
  EXPECT_EQ(Floats(file->Read("t"))[100'000], 1.0f);
}

TEST(TorchZip, RefusesAStorageSmallerThanItClaims) {
  std::vector<ZipPart> parts = SmallParts();
  parts[1].content.resize(7);
  parts[1].unpacked = parts[1].content;
  ExpectRefused(ZipBytes(parts), {"tensor 'w'", "expected 8 bytes in storage '0'", "found 7"});
}

TEST(TorchZip, ReadsAStorageLargerThanItClaims) {
  std::vector<ZipPart> parts = SmallParts();
  parts[1].content += "more";
  parts[1].unpacked = parts[1].content;
  EXPECT_EQ(Floats(Opened(ZipBytes(parts))->Read("w")), (std::vector<float>{1, 2}));
}

// Two storages in the same bytes: a small file would unpack to a large one.
TEST(TorchZip, RefusesOverlappingStorages) {
  const ZipPart inner = {"x/data/1", Bytes({3, 4})};
  TorchWriter writer;
  const std::string outer = ZipLocal(inner);
  const std::string object =
      Dict({{"a",
             TorchWriter::View(
                 writer.Storage(outer, "ByteStorage", static_cast<std::int64_t>(outer.size())),
                 0,
                 {8},
                 {1})},
            {"b", TorchWriter::View(writer.Reference(1, "FloatStorage", 2), 0, {2}, {1})}});
  const std::vector<ZipPart> parts = writer.Parts(object);
  const std::size_t offset = ZipLocal(parts[0]).size() + ZipLocal(parts[1]).size() - outer.size();
  ExpectRefused(ZipBytes(parts, {{inner, offset}}), {"zip 'x.pt'", "x/data/"});
}

TEST(TorchZip, PathsThatLeaveTheArchive) {
  std::vector<ZipPart> parts = SmallParts();
  parts.push_back({"x/../../etc/passwd", "a"});
  ExpectRefused(ZipBytes(parts), {"zip 'x.pt'"});
}

// Of the legacy format.

TEST(TorchLegacy, IsKnownByItsMagicNumber) {
  const auto is = [](const std::string& content) {
    return IsLegacyCheckpoint(*MemorySource("x.pt", content));
  };
  const std::string magic = "\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
  EXPECT_TRUE(is(SmallFile(true)));
  EXPECT_TRUE(is(Pickled(magic)));
  EXPECT_TRUE(is(Pickled("\x95" + Little(13, 8) + magic, 4)));
  EXPECT_FALSE(is(SmallFile(false)));
  EXPECT_FALSE(is(""));
  EXPECT_FALSE(is(Pickled(Int(1))));
  EXPECT_FALSE(is(Pickled(Str(magic.substr(2)))));
  EXPECT_FALSE(is(Pickled(magic).substr(0, 14)));
}

std::string Replaced(std::string content, const std::string& from, const std::string& to) {
  const std::size_t at = content.find(from);
  EXPECT_NE(at, std::string::npos);
  return content.replace(at, from.size(), to);
}

TEST(TorchLegacy, RefusesOtherVersionsAndByteOrders) {
  const std::string content = SmallFile(true);
  ExpectRefused(Replaced(content, Pickled(Int(1001)), Pickled(Int(1002))),
                {"expected legacy version 1001, found 1002"});
  const std::string little = Str("little_endian");
  ExpectRefused(Replaced(content, little + kTrue, little + kFalse), {"another byte order"});
  ExpectRefused(Replaced(content, little, Str("Little_endian")), {"another byte order"});
}

TEST(TorchLegacy, RefusesStoragesThatDoNotFitTheObject) {
  TorchWriter writer(true);
  const std::string object = Dict({{"w", writer.Tensor({2}, {1, 2})}});
  const std::string content = writer.File(object);
  ExpectRefused(Replaced(content, Little(2, 8) + Bytes({1, 2}), Little(3, 8) + Bytes({1, 2})),
                {"storage '0' at byte ", "expected 2 elements, found 3"});
  ExpectRefused(Replaced(content, List({Str("0")}), List({Str("1")})),
                {"expected the key of a storage in use, found '1'"});
  ExpectRefused(Replaced(content, List({Str("0")}), List({})), {"storage '0', found none"});
  ExpectRefused(Replaced(content, List({Str("0")}), Int(3)),
                {"list of storage keys, found integer"});
  ExpectRefused(Replaced(content, List({Str("0")}), List({Str("0"), Str("0")})) + Little(2, 8) +
                    Bytes({1, 2}),
                {"storage '0': expected each once, found it twice"});
}

TEST(TorchLegacy, RefusesOneStorageOfTwoSizes) {
  TorchWriter writer(true);
  const std::string a = TorchWriter::View(writer.Storage(Bytes({1}), "FloatStorage", 1), 0, {}, {});
  const std::string b = TorchWriter::View(writer.Reference(0, "ByteStorage", 1), 0, {}, {});
  ExpectRefused(writer.File(Dict({{"a", a}, {"b", b}})),
                {"storage '0': expected one size, found 1 torch.FloatStorage and 1"});
}

TEST(TorchLegacy, RefusesHugeCounts) {
  TorchWriter writer(true);
  const std::int64_t huge = std::int64_t{1} << 58;
  const std::string storage = writer.Storage(Bytes({1}), "DoubleStorage", huge);
  ExpectRefused(writer.File(Dict({{"a", TorchWriter::View(storage, 0, {1}, {1})}})),
                {"storage '0'", "truncated: expected 2305843009213693952 bytes"});
}

TEST(TorchLegacy, ReadsViewsOfStorages) {
  TorchWriter writer(true);
  writer.Storage(Bytes(Counted(10)), "FloatStorage", 10);
  const auto view = [&](std::int64_t begin, std::int64_t size) {
    return writer.Reference(0, "FloatStorage", 10, Tuple({Str("9"), Int(begin), Int(size)}));
  };
  const Opened file(writer.File(Dict({{"w", TorchWriter::View(view(4, 3), 1, {2}, {1})}})));
  EXPECT_EQ(Floats(file->Read("w")), (std::vector<float>{5, 6}));
  ExpectRefused(writer.File(Dict({{"w", TorchWriter::View(view(4, 3), 1, {3}, {1})}})),
                {"shape [3] with stride [1] within 2 elements"});
  ExpectRefused(writer.File(Dict({{"w", TorchWriter::View(view(8, 3), 0, {1}, {1})}})),
                {"a view within 10 elements of storage '0', found 8 to 11"});
}

TEST(TorchLegacy, ReadsTheClassOfAModuleFromItsPersistentId) {
  TorchWriter writer(true);
  const std::string type = Persistent(
      {Str("module"), Global("models", "Net"), Str("models.py"), Str("class Net: pass")});
  const std::string module = type + kEmptyTuple + kNewObj +
                             Dict({{"_parameters", OrderedDict({{"w", writer.Tensor({1}, {1})}})},
                                   {"_modules", OrderedDict({})}}) +
                             kBuild;
  EXPECT_EQ(Opened(writer.File(module)).Names(), Names{"w"});
}

TEST(TorchLegacy, ReadsAPickleLongerThanItsFirstWindow) {
  TorchWriter writer(true);
  Entries entries = {{"w", writer.Tensor({1}, {5})}};
  for (int i = 0; i < 3000; ++i)
    entries.emplace_back("note" + std::to_string(i), Str(std::string(50, 'a')));
  const std::string content = writer.File(Dict(entries));
  ASSERT_GT(content.size(), 200'000u);
  EXPECT_EQ(Floats(Opened(content)->Read("w")), std::vector<float>{5});
}

TEST(TorchLegacy, RefusesAPickleWithoutAnEnd) {
  TorchWriter writer(true);
  const std::string content = writer.File(Str(std::string(std::size_t{65} << 20, 'a')));
  ExpectRefused(content, {"expected a pickle of at most 67108864 bytes at byte "});
}

// Files that PyTorch itself wrote; what they must hold lies beside them as <name>.npz.

class Torch : public testing::Test {
 protected:
  void SetUp() override {
    if (!TorchPython()) GTEST_SKIP() << "neither /usr/bin/python3 nor python3 can import torch";
  }
  void Run(const std::string& snippet) {
    const PythonResult result = RunTorch(folder_, R"(
from collections import OrderedDict
def save(name, obj, tensors):
    for legacy in (False, True):
        torch.save(obj, f"{name}-{'legacy' if legacy else 'zip'}.pt",
                   _use_new_zipfile_serialization=not legacy)
    np.savez(name + '.npz', **{k: t.detach().double().numpy() for k, t in tensors.items()})
torch.manual_seed(1)
)" + snippet);
    ASSERT_EQ(result.status, 0) << result.output;
  }
  void ExpectRead(const std::string& name, const std::string& key = "") const {
    const Npz expected = ReadNpz(folder_.Path(name + ".npz"));
    for (const std::string format : {"zip", "legacy"}) {
      SCOPED_TRACE(fmt::format("{} {}", name, format));
      const auto file = OpenWeights(folder_.Path(fmt::format("{}-{}.pt", name, format)), key);
      EXPECT_EQ(file->Format(), "torch " + format);
      EXPECT_EQ(file->Tensors().size(), expected.size());
      for (const auto& [tensor, values] : expected) {
        const Array read = file->Read(tensor);
        EXPECT_EQ(read.shape, values.shape) << tensor;
        EXPECT_EQ(read.AsDoubles(), values.AsDoubles()) << tensor;
      }
    }
  }
  TempDir folder_;
};

TEST_F(Torch, EveryElementTypeAndShape) {
  Run(R"(
types = dict(f8=torch.float64, f4=torch.float32, f2=torch.float16, b2=torch.bfloat16,
             i8=torch.int64, i4=torch.int32, i2=torch.int16, i1=torch.int8, u1=torch.uint8)
tensors = {k: (torch.randn(3, 5) * 50).abs().to(t) for k, t in types.items()}
tensors['bool'] = torch.tensor([True, False])
tensors['scalar'] = torch.tensor(2.5)
tensors['empty'] = torch.zeros(0, 4)
save('types', tensors, tensors)
)");
  ExpectRead("types");
}

TEST_F(Torch, ViewsAndSharedStorages) {
  Run(R"(
base = torch.randn(4, 6, 5, 3)
tensors = dict(base=base, transposed=base.transpose(0, 2), part=base[1:3, ::2, 1],
               turned=base.permute(3, 2, 1, 0),
               last=base.to(memory_format=torch.channels_last), row=base[2],
               diagonal=torch.arange(16.).view(4, 4).diagonal(), tied=base,
               expanded=torch.arange(6.)[:2].expand(3, 2))
save('views', tensors, tensors)
)");
  ExpectRead("views");
}

TEST_F(Torch, TrainingCheckpoint) {
  Run(R"(
import argparse, pathlib
model = torch.nn.DataParallel(torch.nn.Sequential(
    torch.nn.Conv2d(1, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.Conv2d(4, 1, 3, bias=False)))
optimizer = torch.optim.Adam(model.parameters())
model.module[0].weight.square().sum().backward()
optimizer.step()
plain = {k[len('module.'):]: v for k, v in model.state_dict().items()}
save('training', dict(epoch=3, args=argparse.Namespace(lr=1e-3), path=pathlib.PurePosixPath('a'),
                      loss=np.float64(0.25), losses=np.zeros(3), seed=2 ** 64 - 1, name='net',
                      optimizer=optimizer.state_dict(), state_dict=model.state_dict(),
                      dtype=torch.float32, size=torch.Size([1, 2]), device=torch.device('cpu')),
     plain)
save('parameters', dict(model=[OrderedDict(model.module.named_parameters())]),
     dict(model.module.named_parameters()))
)");
  ExpectRead("training");
  ExpectRead("parameters");
}

TEST_F(Torch, WholeModule) {
  Run(R"(
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.body = torch.nn.Sequential(torch.nn.Conv2d(1, 4, 3), torch.nn.ReLU(),
                                        torch.nn.BatchNorm2d(4))
        self.scale = torch.nn.Parameter(torch.ones(2, 3).t())
        self.register_buffer('kept', torch.arange(3))
        self.register_buffer('left', torch.arange(3), persistent=False)
        self.sizes = {1, 2}
net = Net()
save('module', net, net.state_dict())
save('inside', dict(model=net), net.state_dict())
)");
  ExpectRead("module");
  ExpectRead("inside");
}

TEST_F(Torch, KeysProtocolsAndTensorsWithAttributes) {
  Run(R"(
weights = OrderedDict(w=torch.randn(3), v=torch.randn(2))
weights['w'].note = 'kept'
save('keyed', dict(generator=dict(runs=[None, weights])), weights)
for protocol in (3, 4, 5):
    torch.save(weights, f'protocol{protocol}-zip.pt', pickle_protocol=protocol)
    torch.save(weights, f'protocol{protocol}-legacy.pt', pickle_protocol=protocol,
               _use_new_zipfile_serialization=False)
    np.savez(f'protocol{protocol}.npz', **{k: t.double().numpy() for k, t in weights.items()})
)");
  ExpectRead("keyed", "generator.runs.1");
  for (const std::string protocol : {"3", "4", "5"}) ExpectRead("protocol" + protocol);
}

TEST_F(Torch, RefusesWhatItDoesNotRead) {
  Run(R"(
class Evil:
    def __reduce__(self):
        return (__import__('os').system, ('touch owned',))
torch.save(dict(w=torch.ones(1), evil=Evil()), 'evil.pt')
torch.save(dict(w=torch.ones(1), evil=Evil()), 'evil-legacy.pt',
           _use_new_zipfile_serialization=False)
torch.jit.script(torch.nn.Linear(1, 1)).save('script.pt')
torch.save(dict(w=torch.ones(1).expand(1000)), 'expanded.pt')
torch.save(dict(w=torch.ones(1), c=torch.ones(1, dtype=torch.complex64),
                s=torch.ones(2).to_sparse()), 'mixed.pt')
)");
  const auto refused = [&](const std::string& name, std::initializer_list<std::string> pieces) {
    ExpectError([&] { OpenWeights(folder_.Path(name)); }, pieces);
  };
  refused("evil.pt", {"evil.pt", "global 'posix.system' is called, which is not allowed"});
  refused("evil-legacy.pt", {"global 'posix.system' is called"});
  EXPECT_FALSE(std::filesystem::exists(folder_.Path("owned")));
  refused("script.pt", {"is a TorchScript program"});
  refused("expanded.pt", {"tensor 'w'", "at most the 1 elements", "found shape [1000]"});
  const auto mixed = OpenWeights(folder_.Path("mixed.pt"));
  EXPECT_EQ(mixed->Tensors().size(), 1u);
  EXPECT_EQ(mixed->Notes().size(), 2u);
}

// Published files, each with the same weights as safetensors beside it.
void ExpectPublished(const std::filesystem::path& checkpoint, const std::string& format) {
  const auto file = OpenWeights(checkpoint);
  const auto expected = OpenWeights(checkpoint.parent_path() / "weights.safetensors");
  EXPECT_EQ(file->Format(), format);
  EXPECT_EQ(file->Tensors().size(), expected->Tensors().size());
  for (const auto& [name, info] : expected->Tensors()) {
    const Array read = file->Read(name);
    EXPECT_EQ(read.shape, info.shape) << name;
    EXPECT_EQ(read.type, info.type) << name;
    EXPECT_EQ(read.bytes, expected->Read(name).bytes) << name;
  }
}

TEST(PublishedCheckpoint, LegacyUnetEqualsItsSafetensors) {
  DENOSCOPE_NEEDS_PRETRAINED("lcv_unet_bias_free");
  ExpectPublished(PretrainedPath("lcv_unet_bias_free/checkpoint_legacy.pt"), "torch legacy");
}

TEST(PublishedCheckpoint, ZippedBfcnnEqualsItsSafetensors) {
  DENOSCOPE_NEEDS_PRETRAINED("lcv_bfcnn_rf5");
  ExpectPublished(PretrainedPath("lcv_bfcnn_rf5/state_dict.pt"), "torch zip");
}

}  // namespace
}  // namespace denoscope
