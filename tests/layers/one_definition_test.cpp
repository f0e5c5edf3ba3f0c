// Two types of one name in one namespace are undefined behaviour that neither compiler nor linker
// reports: the linker keeps one destructor of two, and whoever throws past the other type runs it.
// Two structs NoisyBatch, a batch of training and one of evaluation, turned "output is not finite"
// into a segmentation fault. So a name is defined once, and what a source keeps to itself lies in
// an unnamed namespace.
//
// Here by reading the sources, in a second. The compiler says the same of headers: all_headers.cpp
// of tools_tests includes every one of them. GCC's -flto -Wodr and gold's --detect-odr-violations
// find such types too, but only in a second build of everything by another compiler, or with
// debugging lines; with one definition in all headers and the rest in unnamed namespaces nothing is
// left for them to find.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using Tokens = std::vector<std::string>;

bool IsWordStart(char c) { return std::isalpha(static_cast<unsigned char>(c)) || c == '_'; }
bool IsWordPart(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }
bool IsWord(const std::string& token) { return IsWordStart(token[0]); }

// Words, numbers, "::" and single characters; a string is "\"", and neither comments nor directives
// are there.
class Lexer {
 public:
  explicit Lexer(const std::string& text) : text_(text) {}

  Tokens All() {
    Tokens tokens;
    for (bool line_start = true; at_ < text_.size();) {
      const char c = text_[at_];
      if (std::isspace(static_cast<unsigned char>(c))) {
        line_start = line_start || c == '\n';
        ++at_;
      } else if (Starts("//") || (line_start && c == '#')) {
        SkipLine();
      } else if (Starts("/*")) {
        SkipPast("*/", at_ + 2);
      } else {
        line_start = false;
        tokens.push_back(Next(c));
      }
    }
    return tokens;
  }

 private:
  bool Starts(const char* what) const { return text_.compare(at_, 2, what) == 0; }

  void SkipPast(const std::string& end, std::size_t from) {
    const std::size_t found = text_.find(end, from);
    at_ = found == std::string::npos ? text_.size() : found + end.size();
  }

  void SkipLine() {
    while (at_ < text_.size() && text_[at_] != '\n') at_ += text_[at_] == '\\' ? 2 : 1;
  }

  std::string Quoted(char quote) {
    for (++at_; at_ < text_.size() && text_[at_] != quote; ++at_)
      if (text_[at_] == '\\') ++at_;
    ++at_;
    return "\"";
  }

  std::string Next(char c) {
    const std::size_t begin = at_;
    if (c == '"' || c == '\'') return Quoted(c);
    if (Starts("R\"")) {
      const std::size_t open = text_.find('(', at_);
      SkipPast(")" + text_.substr(at_ + 2, open - at_ - 2) + "\"", open);
      return "\"";
    }
    if (IsWordStart(c)) {
      while (at_ < text_.size() && IsWordPart(text_[at_])) ++at_;
    } else if (std::isdigit(static_cast<unsigned char>(c))) {
      while (at_ < text_.size() && (IsWordPart(text_[at_]) || text_[at_] == '\'')) ++at_;
    } else {
      at_ += Starts("::") ? 2 : 1;
    }
    return text_.substr(begin, at_ - begin);
  }

  const std::string& text_;
  std::size_t at_ = 0;
};

struct Definition {
  std::string name;        // with its namespaces; of a function with its parameters
  std::string plain_name;  // without
  bool type = false, bound = false;
};

struct Contents {
  std::vector<Definition> definitions;   // at namespace scope, outside unnamed namespaces
  std::set<std::string> named_in_calls;  // every word before a parenthesis
};

// Follows namespaces and statements; bodies of types and functions are passed over.
class Parser {
 public:
  explicit Parser(Tokens tokens) : tokens_(std::move(tokens)) {}

  Contents Parse() {
    for (std::size_t i = 1; i < tokens_.size(); ++i)
      if (tokens_[i] == "(" && IsWord(tokens_[i - 1]))
        contents_.named_in_calls.insert(tokens_[i - 1]);
    while (at_ < tokens_.size()) Statement();
    return std::move(contents_);
  }

 private:
  std::string Token(std::size_t i) const { return i < tokens_.size() ? tokens_[i] : ""; }

  // The index past the bracket that closes the one at i.
  std::size_t Past(std::size_t i, const std::string& open, const std::string& close) const {
    for (int depth = 0; i < tokens_.size(); ++i) {
      if (tokens_[i] == open) ++depth;
      if (tokens_[i] == close && --depth == 0) return i + 1;
    }
    return i;
  }

  void Statement() {
    if (Token(at_) == "}") {  // of a namespace
      if (!scopes_.empty()) scopes_.pop_back();
      ++at_;
    } else if (Token(at_) == "namespace" ||
               (Token(at_) == "inline" && Token(at_ + 1) == "namespace")) {
      Namespace();
    } else if (Token(at_) == "extern" && Token(at_ + 1) == "\"") {
      if (Token(at_ + 2) == "{") {
        scopes_.push_back("");
        at_ += 3;
      } else {
        Declaration(false);
      }
    } else {
      Declaration(true);
    }
  }

  void Namespace() {
    std::string name;
    for (; at_ < tokens_.size() && tokens_[at_] != "{" && tokens_[at_] != ";"; ++at_)
      if (tokens_[at_] != "inline" && tokens_[at_] != "namespace") name += tokens_[at_];
    if (Token(at_++) == "{") scopes_.push_back(name.empty() ? kUnnamed : name + "::");
  }

  // One declaration with its body: as `head`, what stands before the body or the semicolon.
  void Declaration(bool recorded) {
    while (Token(at_) == "template") at_ = Past(at_ + 1, "<", ">");
    Tokens head;
    bool function = false, value = false, initialisers = false, ended = false;
    while (at_ < tokens_.size() && !ended) {
      const std::string token = tokens_[at_], last = head.empty() ? "" : head.back();
      if (token == ";") {
        if (recorded && !function) Alias(head);
        ended = true;
        ++at_;
      } else if (token == "}") {  // no statement: the end of a namespace
        ended = true;
      } else if (token == "(") {
        const std::size_t end = Past(at_, "(", ")");
        const bool macro = head.size() == 1 && std::none_of(last.begin(), last.end(), ::islower);
        if (!value && !head.empty() && last != "alignas") function = true;
        head.insert(head.end(),
                    tokens_.begin() + static_cast<std::ptrdiff_t>(at_),
                    tokens_.begin() + static_cast<std::ptrdiff_t>(end));
        at_ = end;
        ended = macro && Token(at_) != "{" && Token(at_) != ";";
      } else if (token == "{") {
        const bool type = !function && !value && !TypeName(head).empty();
        const bool body = function && !value && !(initialisers && (IsWord(last) || last == ">"));
        if (type && recorded) Add(TypeName(head), "", true);
        if (body && recorded) Function(head);
        at_ = Past(at_, "{", "}");
        if (type) value = true;  // perhaps a variable of it
        if (function && initialisers && !body) head.push_back("}");
        ended = body;
      } else {
        if (token == "=" && std::count(head.begin(), head.end(), "operator") == 0) value = true;
        if (token == ":" && function) initialisers = true;
        head.push_back(token);
        ++at_;
      }
    }
  }

  // Of "struct A final : B", "enum class A", "struct A::B" or "struct A<int>"; empty for no type.
  static std::string TypeName(const Tokens& head) {
    static const std::set<std::string> kinds = {"struct", "class", "union", "enum"};
    auto token = std::find_if(
        head.begin(), head.end(), [](const std::string& t) { return kinds.count(t) > 0; });
    if (token == head.end()) return "";
    while (token != head.end() && kinds.count(*token) > 0) ++token;
    std::string name;
    for (int brackets = 0; token != head.end() && *token != ":" && *token != "final"; ++token) {
      if (*token == "[" || *token == "(") ++brackets;
      if (brackets == 0 && *token != "alignas") name += *token;
      if (*token == "]" || *token == ")") --brackets;
    }
    return name;
  }

  void Alias(const Tokens& head) {
    if (head.size() > 2 && head[0] == "using" && head[2] == "=") Add(head[1], "", true);
    if (head.size() > 2 && head[0] == "typedef") Add(head.back(), "", true);
  }

  void Function(const Tokens& head) {
    const auto open = std::find(head.begin(), head.end(), "(");
    std::string name, parameters;
    auto begin = open;
    if (const auto word = std::find(head.begin(), open, "operator"); word != open) begin = word;
    for (auto token = begin; token != open; ++token) name += *token;
    if (begin == open) {
      for (int depth = 0;
           begin != head.begin() && (depth > 0 || name.empty() || !IsWord(*begin));) {
        name = *--begin + name;
        if (*begin == ">") ++depth;
        if (*begin == "<") --depth;
      }
    }
    while (begin != head.begin() && *(begin - 1) == "::") name = *(begin -= 2) + "::" + name;
    for (auto token = open; token != head.end() && *token != ")"; ++token)
      parameters += *token + " ";
    Add(name, parameters, false);
  }

  void Add(const std::string& name, const std::string& parameters, bool type) {
    std::string scope;
    for (const std::string& one : scopes_) {
      if (one == kUnnamed) return;
      scope += one;
    }
    // A member, and a specialisation, can be defined nowhere but beside its class, its template.
    const bool bound =
        name.find("::") != std::string::npos || (type && name.find('<') != std::string::npos);
    contents_.definitions.push_back({scope + name + parameters, name, type, bound});
  }

  static constexpr const char* kUnnamed = "(unnamed)";
  Tokens tokens_;
  std::size_t at_ = 0;
  std::vector<std::string> scopes_;
  Contents contents_;
};

using Sources = std::map<std::string, std::string>;  // text by path

bool EndsWith(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// What is wrong with a set of sources, one line each.
std::vector<std::string> Violations(const Sources& sources) {
  std::map<std::string, Contents> contents;
  std::set<std::string> in_headers = {"main"};
  for (const auto& [path, text] : sources) {
    const Contents& one = contents[path] = Parser(Lexer(text).All()).Parse();
    if (EndsWith(path, ".h"))
      in_headers.insert(one.named_in_calls.begin(), one.named_in_calls.end());
  }
  std::vector<std::string> violations;
  std::map<std::string, std::string> definers;
  for (const auto& [path, one] : contents)
    for (const Definition& definition : one.definitions) {
      if (const auto [other, first] = definers.emplace(definition.name, path);
          !first && definition.plain_name != "main")
        violations.push_back(path + ": " + definition.name + ": defined in " + other->second +
                             " too");
      const bool shared =
          definition.bound || (!definition.type && in_headers.count(definition.plain_name) > 0);
      if (!EndsWith(path, ".h") && !shared)
        violations.push_back(path + ": " + definition.name + ": belongs into an unnamed namespace");
    }
  return violations;
}

TEST(OneDefinition, NoNameIsDefinedTwiceAndWhatIsOfAFileStaysThere) {
  Sources sources;
  const fs::path root = DENOSCOPE_SOURCE_DIR;
  for (const char* folder : {"src", "tools", "tests"})
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      const std::string path = entry.path().lexically_relative(root).generic_string();
      if (!EndsWith(path, ".h") && !EndsWith(path, ".cpp")) continue;
      if (EndsWith(path, "/no_communicator.cpp")) continue;  // built in another's place
      if (path.find("/node_modules/") != std::string::npos) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      sources[path] = {std::istreambuf_iterator<char>(file), {}};
    }
  EXPECT_GT(sources.size(), 300u) << "the walk of " << root << " found next to nothing";
  for (const std::string& violation : Violations(sources)) ADD_FAILURE() << violation;
}

TEST(OneDefinition, PlantedViolationsAreCaught) {
  const auto caught = [](const std::string& a, const std::string& b) {
    return Violations({{"a.h", "namespace denoscope {\n" + a + "\n}  // namespace denoscope\n"},
                       {"b.h", "namespace denoscope {\n" + b + "\n}  // namespace denoscope\n"}})
               .size() == 1;
  };
  EXPECT_TRUE(caught("struct Batch { int x; };", "struct Batch { int x, y; };"));
  EXPECT_TRUE(caught("struct Batch { int x; };", "class Batch final : public Base {};"));
  EXPECT_TRUE(caught("enum class Kind { kA, kB };", "enum Kind : int { kC };"));
  EXPECT_TRUE(caught("using Series = std::vector<int>;", "struct Series {};"));
  EXPECT_TRUE(caught("typedef int Series;", "template <typename T>\nusing Series = T;"));
  EXPECT_TRUE(
      caught("struct A {\n  A() : a{1}, b(2) {}\n  int a, b;\n};\nstruct B {};", "struct B {};"));
  EXPECT_TRUE(caught("inline Foo::Foo() : a{1}, b{2} { F(); }\nstruct B {};", "struct B {};"));
  EXPECT_TRUE(caught("const int k[] = {1, 2};\nstruct B {};", "struct B {};"));
  EXPECT_TRUE(caught("inline auto F() -> int { return 1'000; }\nstruct B {};", "struct B {};"));
  EXPECT_TRUE(caught("A_MACRO(X, {{1, 2}})\nstruct B {};", "struct B {};"));
  EXPECT_TRUE(caught("const char* k = R\"x(\"; {)x\";\nstruct B {};", "struct B {};"));
  EXPECT_TRUE(caught("const char c = '{'; /* { */  // {\nstruct B {};", "struct B {};"));
  EXPECT_TRUE(caught("#define OPEN { \\\n  {\nstruct B {};", "struct B {};"));
  EXPECT_TRUE(caught("template <> struct A<int> {};", "template <> struct A<int> { int x; };"));
  EXPECT_TRUE(caught("struct A::Part {};", "struct A::Part { int x; };"));
  EXPECT_TRUE(caught("inline int F(int a) { return a; }", "inline int F(int a) { return -a; }"));
  EXPECT_TRUE(caught("template <> inline int F<A<int>>() { return 1; }",
                     "template <> inline int F<A<int>>() { return 2; }"));
  EXPECT_TRUE(caught("inline namespace v1 {}\nstruct B {};", "struct B {};"));
  EXPECT_TRUE(
      caught("namespace inner { struct A {}; }", "}\nnamespace denoscope::inner {\nstruct A {};"));

  const auto caught_in_source = [](const std::string& text) {
    return Violations({{"a.h", "int Declared(double);"}, {"a.cpp", text}}).size() == 1;
  };
  EXPECT_TRUE(caught_in_source("namespace denoscope { struct Local {}; }"));
  EXPECT_TRUE(caught_in_source("namespace { struct A {}; }\nenum class Local { kA };"));
  EXPECT_TRUE(caught_in_source("using Local = int;"));
  EXPECT_TRUE(caught_in_source("int Helper(double x) { return Declared(x); }"));
  EXPECT_TRUE(caught_in_source("bool operator<(A a, A b) { return a.x < b.x; }"));
  EXPECT_TRUE(caught_in_source("TEST(A, B) { struct Inner {}; }"));
}

TEST(OneDefinition, AllowedDefinitionsAreNotCaught) {
  const Sources sources = {
      {"a.h",
       "namespace denoscope {\n"
       "struct Batch { struct Part {}; enum Kind { kA }; };\n"
       "class Later;\n"
       "enum class Opaque : int;\n"
       "int Declared(const Later& later, int n = 3);\n"
       "inline int Overloaded(int) { return 1; }\n"
       "}\n"},
      {"b.h",
       "namespace denoscope {\n"
       "class Later { friend bool operator<(const Later&, const Later&); };\n"
       "struct Other { struct Part {}; struct Hidden; };\n"
       "inline int Overloaded(double) { return 2; }\n"
       "template <> constexpr int F<A<int>>() { return 1; }\n"
       "template <> constexpr int F<A<bool>>() { return 2; }\n"
       "struct { int x; } only_a_variable();\n"
       "}\n"
       "namespace other { struct Batch {}; }\n"},
      {"a.cpp",
       "namespace denoscope {\n"
       "namespace { struct Local {}; using Row = int; int Helper() { return 0; } }\n"
       "int Declared(const Later& later, int n) { struct Local {}; return n; }\n"
       "struct Other::Hidden { int x; };\n"
       "template <> struct Names<Local> { int x; };\n"
       "Other::Other() : x{1}, y(2) {}\n"
       "using std::string;\n"
       "const auto f = [](int x) { return x; };\n"
       "}\n"
       "extern \"C\" int Entry(int x) { return x; }\n"
       "// struct Batch {};\n"
       "const char* text = \"struct Batch {}; \\\" struct Batch {};\";\n"
       "int main() {}\n"},
      {"b.cpp",
       "namespace denoscope {\n"
       "namespace { struct Local {}; using Row = int; int Helper() { return 0; } }\n"
       "}\n"
       "int main(int argc, char** argv) {}\n"}};
  for (const std::string& violation : Violations(sources)) ADD_FAILURE() << violation;
}

}  // namespace
