// A table of a run as both its writers and its readers know it.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "denoscope/files/csv.h"

namespace denoscope {

struct TableSpec {
  const char* file;                            // in the run's folder
  std::initializer_list<const char*> columns;  // in order

  // Without rows; `more`: columns after those, that depend on the run.
  Table Empty(const std::vector<std::string>& more = {}) const {
    Table table = {{columns.begin(), columns.end()}, {}};
    table.columns.insert(table.columns.end(), more.begin(), more.end());
    return table;
  }
};

}  // namespace denoscope
