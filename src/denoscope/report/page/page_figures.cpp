#include "denoscope/report/page/page_figures.h"

#include "denoscope/files/atomic_file.h"
#include "denoscope/files/base64.h"
#include "denoscope/image/picture_bytes.h"
#include "denoscope/image/png.h"
#include "denoscope/report/plots/words.h"

namespace denoscope {
namespace {

constexpr std::size_t kMostBytes = 1'500'000;

struct Embedded {
  std::string uri;
  int width = 0, height = 0;
};

// The shortest of the files that show the figure.
Embedded Embed(const std::filesystem::path& path) {
  const cv::Mat picture = ReadPicture(path);
  std::string type = "png", bytes = ReadFile(path);
  const auto choose = [&](const char* other, std::string content) {
    if (content.empty() || content.size() >= bytes.size()) return;
    type = other;
    bytes = std::move(content);
  };
  choose("webp", WebpBytes(picture));
  std::filesystem::path svg = path;
  if (std::filesystem::exists(svg.replace_extension(".svg"))) choose("svg+xml", ReadFile(svg));
  return {"data:image/" + type + ";base64," + Base64(bytes), picture.cols, picture.rows};
}

std::string FigureHtml(const std::string& name, const std::string& caption, const Embedded& image) {
  return fmt::format(
      "<figure data-name=\"{0}\"><img src=\"{1}\" width=\"{2}\" height=\"{3}\" "
      "decoding=\"async\" alt=\"{0}\"><figcaption>{4}</figcaption></figure>\n",
      name,
      image.uri,
      image.width,
      image.height,
      caption);
}

}  // namespace

std::string Escaped(const std::string& text) {
  std::string escaped;
  for (const char c : text) switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  return escaped;
}

std::string FiguresHtml(const std::vector<Figure>& figures, std::vector<std::string>& notes) {
  std::string html;
  std::size_t left_out = 0, bytes = 0;
  for (const Figure& figure : figures) try {
      const Embedded image = Embed(figure.path);
      if (bytes + image.uri.size() > kMostBytes) {
        ++left_out;
        continue;
      }
      bytes += image.uri.size();
      html += FigureHtml(Escaped(figure.path.stem().string()), Escaped(figure.caption), image);
    } catch (const std::exception& e) {
      notes.push_back(fmt::format("figure left out: {}", e.what()));
    }
  if (left_out > 0)
    notes.push_back(fmt::format("{} only in the folder figures/: this page would be too long",
                                Counted(left_out, "more figure")));
  return html;
}

}  // namespace denoscope
