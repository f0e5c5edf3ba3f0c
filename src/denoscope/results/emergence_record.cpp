#include "denoscope/results/emergence_record.h"

#include <cstdlib>

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

double ReadNumber(const std::string& text) { return std::strtod(text.c_str(), nullptr); }

DirectionHalves HalvesFromTable(const Table& table) {
  DirectionHalves d;
  const auto rows = static_cast<Eigen::Index>(table.rows.size());
  for (const auto& [name, values] : {std::pair{"lambda", &d.lambda},
                                     std::pair{"frequency", &d.frequency},
                                     std::pair{"sigma_critical", &d.sigma_critical}}) {
    values->resize(rows);
    const std::size_t column = table.Column(name);
    for (Eigen::Index k = 0; k < rows; ++k)
      (*values)[k] = ReadNumber(table.rows[static_cast<std::size_t>(k)][column]);
  }
  for (const SideField& side : kSides) {
    std::vector<ModeHalves>& halves = d.*side.member;
    halves.resize(table.rows.size());
    for (const HalfField& half : kHalves) {
      const std::size_t column = table.Column(std::string(side.prefix) + half.name);
      for (std::size_t k = 0; k < table.rows.size(); ++k) {
        const std::vector<std::string>& row = table.rows[k];
        halves[k].*half.member = {ReadNumber(row[column]),
                                  ReadNumber(row[column + 1]),
                                  ReadNumber(row[column + 2]),
                                  row[column + 3]};
      }
    }
  }
  return d;
}

std::vector<EmergenceStatistics> StatisticsFromTable(const Table& table) {
  std::vector<EmergenceStatistics> statistics;
  for (const std::vector<std::string>& row : table.rows) {
    EmergenceStatistics s{
        row[0], row[1], std::stoll(row[2]), std::stoll(row[3]), {}, {}, {}, {}, {}};
    for (const EstimateField& field : kEstimates) {
      const std::size_t column = table.Column(field.name);
      s.*field.member = {
          ReadNumber(row[column]), ReadNumber(row[column + 1]), ReadNumber(row[column + 2])};
    }
    statistics.push_back(std::move(s));
  }
  return statistics;
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
  Table table;
  table.columns = {"k", "lambda", "frequency", "sigma_critical"};
  for (const SideField& side : kSides)
    for (const HalfField& half : kHalves)
      for (const char* ending : {"", "_low", "_high", "_censored"})
        table.columns.push_back(std::string(side.prefix) + half.name + ending);
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
                    level.censored});
      }
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table StatisticsTable(const std::vector<EmergenceStatistics>& statistics) {
  Table table;
  table.columns = {"denoiser", "measure", "modes", "censored"};
  for (const EstimateField& field : kEstimates)
    for (const char* ending : {"", "_low", "_high"})
      table.columns.push_back(std::string(field.name) + ending);
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

Emergence EmergenceFromFiles(const EmergenceFiles& files) {
  const NpzReader reader(files.modes, "modes.npz");
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
