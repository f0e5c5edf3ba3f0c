#include "denoscope/results/emergence_record.h"

#include "denoscope/base/error.h"
#include "denoscope/results/emergence_columns.h"
#include "denoscope/results/npz_members.h"

namespace denoscope {
namespace {

struct HalfField {
  const char* name;
  HalfLevel ModeHalves::*member;
};
constexpr HalfField kHalves[] = {{"half_resolved", &ModeHalves::resolved},
                                 {"half_gain", &ModeHalves::gain},
                                 {"half_gain_relative", &ModeHalves::gain_relative}};

struct SideField {
  const char* prefix;
  std::vector<ModeHalves> DirectionHalves::*member;
};
constexpr SideField kSides[] = {{"deep_", &DirectionHalves::deep},
                                {"linear_", &DirectionHalves::linear}};

struct EstimateField {
  const char* name;
  IntervalEstimate EmergenceStatistics::*member;
};
constexpr EstimateField kEstimates[] = {
    {"rank_lambda", &EmergenceStatistics::rank_lambda},
    {"rank_frequency", &EmergenceStatistics::rank_frequency},
    {"partial_frequency", &EmergenceStatistics::partial_frequency},
    {"slope", &EmergenceStatistics::slope},
    {"spread", &EmergenceStatistics::spread}};

struct CurveField {
  const char* name;
  Eigen::MatrixXd Emergence::*member;
  bool always;
};
constexpr CurveField kCurves[] = {{"resolved", &Emergence::resolved, false},
                                  {"linear_resolved", &Emergence::linear_resolved, false},
                                  {"gain", &Emergence::gain, true},
                                  {"linear_gain", &Emergence::linear_gain, true},
                                  {"mode_error", &Emergence::mode_error, false},
                                  {"image_halves", &Emergence::image_halves, false}};

constexpr const char* kNullPrefix = "null_";
constexpr const char* kNullResolved = "_resolved";

std::int64_t CountAt(const Table& table, std::size_t row, const std::string& column) {
  constexpr double kMost = 1e9;
  const double value = NumberAt(table, row, column);
  if (!(value >= 0 && value <= kMost))
    throw Error("table: column '{}': expected a count, found '{}'", column, value);
  return static_cast<std::int64_t>(value);
}

DirectionHalves HalvesFromTable(const Table& table) {
  DirectionHalves d;
  for (const auto& [name, values] : {std::pair{"lambda", &d.lambda},
                                     std::pair{"frequency", &d.frequency},
                                     std::pair{"sigma_critical", &d.sigma_critical}}) {
    values->resize(static_cast<Eigen::Index>(table.rows.size()));
    for (std::size_t k = 0; k < table.rows.size(); ++k)
      (*values)[static_cast<Eigen::Index>(k)] = NumberAt(table, k, name);
  }
  for (const SideField& side : kSides) {
    std::vector<ModeHalves>& halves = d.*side.member;
    halves.resize(table.rows.size());
    for (const HalfField& half : kHalves) {
      const std::string column = std::string(side.prefix) + half.name;
      for (std::size_t k = 0; k < table.rows.size(); ++k)
        halves[k].*
            half.member = {NumberAt(table, k, column),
                           NumberAt(table, k, column + "_low"),
                           NumberAt(table, k, column + "_high"),
                           FromName<Censoring>(table.rows[k][table.Column(column + "_censored")])};
    }
  }
  return d;
}

}  // namespace

Npz ToNpz(const Emergence& e) {
  Npz npz = {{"sigmas", Doubles(e.sigmas)}};
  for (const CurveField& field : kCurves)
    if ((e.*field.member).size() > 0) npz[field.name] = Rows(e.*field.member);
  for (const NullCurves& null : e.nulls) {
    npz[kNullPrefix + null.name + kNullResolved] = Rows(null.resolved);
    npz[kNullPrefix + null.name + "_gain"] = Rows(null.gain);
  }
  return npz;
}

Table HalvesTable(const DirectionHalves& d) {
  Table table = kModeHalves.Empty();
  for (Eigen::Index k = 0; k < d.lambda.size(); ++k) {
    std::vector<std::string> row = {std::to_string(k),
                                    NumberText(d.lambda[k]),
                                    NumberText(d.frequency[k]),
                                    NumberText(d.sigma_critical[k])};
    for (const SideField& side : kSides)
      for (const HalfField& half : kHalves) {
        const HalfLevel& level = (d.*side.member)[static_cast<std::size_t>(k)].*half.member;
        row.insert(row.end(),
                   {NumberText(level.sigma),
                    NumberText(level.low),
                    NumberText(level.high),
                    NameOf(level.censored)});
      }
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table StatisticsTable(const std::vector<EmergenceStatistics>& statistics) {
  Table table = kStatistics.Empty();
  for (const EmergenceStatistics& s : statistics) {
    std::vector<std::string> row = {
        s.denoiser, s.measure, std::to_string(s.modes), std::to_string(s.censored)};
    for (const EstimateField& field : kEstimates) {
      const IntervalEstimate& estimate = s.*field.member;
      row.insert(row.end(),
                 {NumberText(estimate.value), NumberText(estimate.low), NumberText(estimate.high)});
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::vector<EmergenceStatistics> StatisticsFromTable(const Table& table) {
  std::vector<EmergenceStatistics> statistics;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    EmergenceStatistics s;
    s.denoiser = table.rows[row][table.Column("denoiser")];
    s.measure = table.rows[row][table.Column("measure")];
    s.modes = CountAt(table, row, "modes");
    s.censored = CountAt(table, row, "censored");
    for (const EstimateField& field : kEstimates) {
      const std::string column = field.name;
      s.*field.member = {NumberAt(table, row, column),
                         NumberAt(table, row, column + "_low"),
                         NumberAt(table, row, column + "_high")};
    }
    statistics.push_back(std::move(s));
  }
  return statistics;
}

Emergence EmergenceFromFiles(const EmergenceFiles& files) {
  const NpzReader reader(files.modes, kModesFile);
  Emergence e;
  static_cast<DirectionHalves&>(e) = HalvesFromTable(files.halves);
  if (!files.band_halves.rows.empty()) e.bands = HalvesFromTable(files.band_halves);
  e.statistics = StatisticsFromTable(files.statistics);
  e.sigmas = reader.Vector("sigmas");
  for (const CurveField& field : kCurves)
    if (field.always || reader.Has(field.name)) e.*field.member = reader.Matrix(field.name);
  for (const auto& [member, array] : files.modes) {
    const std::size_t length = member.size(), ending = std::string(kNullResolved).size();
    if (member.rfind(kNullPrefix, 0) != 0 || length < ending ||
        member.substr(length - ending) != kNullResolved)
      continue;
    const std::size_t start = std::string(kNullPrefix).size();
    const std::string name = member.substr(start, length - ending - start);
    e.nulls.push_back({name, reader.Matrix(member), reader.Matrix(kNullPrefix + name + "_gain")});
  }
  return e;
}

}  // namespace denoscope
