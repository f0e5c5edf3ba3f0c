#include "denoscope/files/csv.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>

#include "denoscope/files/atomic_file.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_dir.h"

namespace denoscope {
namespace {

using Rows = std::vector<std::vector<std::string>>;

Table Parsed(const std::string& text) {
  TempDir folder;
  WriteFile(folder.Path("t.csv"), text);
  return ReadCsv(folder.Path("t.csv"));
}

TEST(Csv, QuotesOnlyWhereNeeded) {
  TempDir folder;
  const Table table = {{"name", "note"},
                       {{"a b", "x,y"}, {"", "say \"hi\""}, {"two\nlines", "\r"}}};
  WriteCsv(folder.Path("t.csv"), table);
  EXPECT_EQ(ReadFile(folder.Path("t.csv")),
            "name,note\na b,\"x,y\"\n,\"say \"\"hi\"\"\"\n\"two\nlines\",\"\r\"\n");
  const Table read = ReadCsv(folder.Path("t.csv"));
  EXPECT_EQ(read.columns, table.columns);
  EXPECT_EQ(read.rows, table.rows);
}

TEST(Csv, ReadsCarriageReturnsAndAMissingFinalNewline) {
  const Table table = Parsed("a,b\r\n1,\"2\"\r\n3,");
  EXPECT_EQ(table.columns, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(table.rows, (Rows{{"1", "2"}, {"3", ""}}));
}

TEST(Csv, OneColumnMayHoldEmptyCells) { EXPECT_EQ(Parsed("a\n\n1\n").rows, (Rows{{""}, {"1"}})); }

TEST(Csv, WrongNumbersOfFieldsTellTheLine) {
  ExpectError([] { Parsed("a,b\n\"1\n1\",2\n3\n"); },
              {"t.csv", "line 4", "expected 2 fields, found 1"});
  ExpectError([] { Parsed("a,b\n1,2,3\n"); }, {"line 2", "found 3"});
  ExpectError([] { Parsed("a,b\n\n"); }, {"line 2", "found 1"});
}

TEST(Csv, RefusesMalformedQuotesAndEmptyFiles) {
  ExpectError([] { Parsed(""); }, {"t.csv", "expected a header row"});
  ExpectError([] { Parsed("a\n\"b\nc"); }, {"line 2", "closing quote"});
  ExpectError([] { Parsed("a\nb\"c\n"); }, {"line 2", "quote"});
  ExpectError([] { Parsed("a\n\"b\"c\n"); }, {"line 2", "expected a comma", "found 'c'"});
}

TEST(Csv, RefusesToWriteRaggedRows) {
  TempDir folder;
  ExpectError(
      [&] {
        WriteCsv(folder.Path("t.csv"), {{"a", "b"}, {{"1", "2"}, {"3"}}});
      },
      {"t.csv", "row 1", "expected 2 fields, found 1"});
}

TEST(Csv, ColumnsAreFoundByName) {
  const Table table = {{"a", "b"}, {}};
  EXPECT_EQ(table.Column("b"), 1u);
  ExpectError([&] { table.Column("c"); }, {"'c'", "a, b"});
}

TEST(NumberText, IsShortestAndReadsBack) {
  EXPECT_EQ(NumberText(0.1), "0.1");
  EXPECT_EQ(NumberText(3), "3");
  EXPECT_EQ(NumberText(1e-300), "1e-300");
  for (const double value : {1.0 / 3, -2e-308, 5e-324, 1.7976931348623157e308, 123456789.123})
    EXPECT_EQ(std::strtod(NumberText(value).c_str(), nullptr), value);
}

TEST(NumberText, NamesWhatIsNotFinite) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(NumberText(infinity), "inf");
  EXPECT_EQ(NumberText(-infinity), "-inf");
  EXPECT_EQ(NumberText(std::nan("")), "nan");
  EXPECT_EQ(NumberText(-std::nan("")), "nan");
}

}  // namespace
}  // namespace denoscope
