#include "maxsimd/training/loss_curve.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <span>
#include <vector>

#include "maxsimd/base/utf8.h"
#include "maxsimd/training/loss_names.h"

namespace maxsimd::training {
namespace {

constexpr double kWidth = 640, kLeft = 60, kTop = 20, kPlotWidth = 560, kPlotHeight = 290;
constexpr double kBelowPlot = 50;  // the labels of the steps, and "step"
constexpr double kLegendLine = 16;

// The training loss is the first. Where there are more lines than colors they go on with dashes.
constexpr std::array<const char*, 8> kColors = {"#1f77b4", "#d62728", "#2ca02c", "#9467bd",
                                                "#ff7f0e", "#8c564b", "#e377c2", "#17becf"};

/// NaN, infinity, and what is so large that the arithmetic of the picture has no room for it.
bool is_shown(double loss) {
  constexpr double kMost = 1e300;
  return std::abs(loss) < kMost;
}

struct Point {
  double step, loss;
};

struct Line {
  std::string name;
  std::vector<Point> points;
};

struct Curve {
  std::vector<Line> lines;  // the training loss first, though it may have no points
  double last_step = 1;
  double lowest = 0, highest = 0;

  double x(double step) const { return kLeft + kPlotWidth * step / last_step; }
  double y(double loss) const {
    return kTop + kPlotHeight * (1 - (loss - lowest) / (highest - lowest));
  }
};

void add(const std::string& name, double step, double loss, Curve& curve) {
  auto line = std::ranges::find(curve.lines, name, &Line::name);
  if (line == curve.lines.end()) line = curve.lines.insert(line, Line{name, {}});
  line->points.push_back({step, loss});
  curve.last_step = std::max(curve.last_step, step);
  if (!is_shown(loss)) return;
  curve.lowest = std::min(curve.lowest, loss);
  curve.highest = std::max(curve.highest, loss);
}

Curve curve_of(const TrainingRecord& record) {
  Curve curve;
  curve.lines = {{"loss", {}}};
  for (const LogEvent& event : record.log) {
    if (const auto* train = std::get_if<TrainLog>(&event)) {
      add("loss", static_cast<double>(train->step), train->loss, curve);
    } else if (const auto* eval = std::get_if<EvalLossLog>(&event)) {
      add(eval_loss_name(eval->dataset), static_cast<double>(eval->step), eval->loss, curve);
    }
  }
  constexpr double kLeast = 1e-300;  // below it the arithmetic has no digits
  if (curve.highest - curve.lowest < kLeast) curve.highest = curve.lowest + 1;
  return curve;
}

template <class... Values>
std::string formatted(const char* format, Values... values) {
  char text[400];
  std::snprintf(text, sizeof(text), format, values...);
  return text;
}

/// A name from outside as text of XML, which knows no control characters.
std::string xml_text(const std::string& name) {
  std::string out;
  for (size_t at = 0; at < name.size();) {
    const Utf8Decoded decoded = decode_utf8(name, at);
    const char32_t c = decoded.valid ? decoded.code_point : 0xFFFD;
    at += decoded.length;
    if (c == '&') out += "&amp;";
    if (c == '<') out += "&lt;";
    if (c == '>') out += "&gt;";
    if (c == '&' || c == '<' || c == '>') continue;
    const bool is_refused = c < 0x20 || c == 0x7F || c == 0xFFFE || c == 0xFFFF;
    append_utf8(out, is_refused ? U' ' : c);
  }
  return out;
}

struct Style {
  std::string color, dashes;
};

Style style_of(size_t line) {
  const size_t round = line / kColors.size();
  const std::string dashes = round == 0 ? "" : formatted(" stroke-dasharray=\"%zu 3\"", 3 * round);
  return {kColors[line % kColors.size()], dashes};
}

std::string drawn(std::span<const Point> piece, const Curve& curve, const Style& style) {
  if (piece.empty()) return "";
  if (piece.size() == 1) {
    return formatted("<circle r=\"3\" fill=\"%s\" cx=\"%.1f\" cy=\"%.1f\"/>\n", style.color.c_str(),
                     curve.x(piece[0].step), curve.y(piece[0].loss));
  }
  std::string out = "<polyline fill=\"none\" stroke-width=\"1.5\" stroke=\"" + style.color + "\"" +
                    style.dashes + " points=\"";
  for (const Point& point : piece) {
    out += formatted("%.1f,%.1f ", curve.x(point.step), curve.y(point.loss));
  }
  return out + "\"/>\n";
}

/// Its pieces between the values that are not shown.
std::string drawn(const Line& line, const Curve& curve, const Style& style) {
  std::string out;
  for (auto at = line.points.begin(); at != line.points.end();) {
    const auto is_point = [](const Point& point) { return is_shown(point.loss); };
    const auto begin = std::find_if(at, line.points.end(), is_point);
    at = std::find_if_not(begin, line.points.end(), is_point);
    out += drawn(std::span(begin, at), curve, style);
  }
  return out;
}

/// 1, 2 or 5 times a power of ten: the least that divides the range into five parts or fewer.
double tick_step(double range) {
  constexpr double kMostParts = 5;
  const double power = std::pow(10, std::floor(std::log10(range / kMostParts)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (range / (factor * power) <= kMostParts) return factor * power;
  }
  return 10 * power;
}

std::string axis_labels(const Curve& curve) {
  std::string out;
  const double of_losses = tick_step(curve.highest - curve.lowest);
  const double first = std::ceil(curve.lowest / of_losses) + 0.0;  // 0, never -0
  for (double i = first; i * of_losses <= curve.highest; ++i) {
    out += formatted("<text x=\"%.0f\" y=\"%.1f\" text-anchor=\"end\">%.6g</text>\n", kLeft - 6,
                     curve.y(i * of_losses) + 4, i * of_losses);
  }
  const double of_steps = std::max(tick_step(curve.last_step), 1.0);  // steps are whole
  for (double i = 0; i * of_steps <= curve.last_step; ++i) {
    out += formatted("<text x=\"%.1f\" y=\"%.0f\" text-anchor=\"middle\">%.0f</text>\n",
                     curve.x(i * of_steps), kTop + kPlotHeight + 18, i * of_steps);
  }
  return out + formatted("<text x=\"%.0f\" y=\"%.0f\" text-anchor=\"middle\">step</text>\n",
                         kLeft + kPlotWidth / 2, kTop + kPlotHeight + 34);
}

std::string legend_line(const Line& line, const Style& style, double y) {
  return formatted(
             "<line x1=\"%.0f\" x2=\"%.0f\" y1=\"%.0f\" y2=\"%.0f\" stroke-width=\"3\" "
             "stroke=\"%s\"%s/>\n<text x=\"%.0f\" y=\"%.0f\">",
             kLeft, kLeft + 24, y - 4, y - 4, style.color.c_str(), style.dashes.c_str(), kLeft + 30,
             y) +
         xml_text(line.name) + "</text>\n";
}

}  // namespace

std::string loss_curve(const TrainingRecord& record) {
  const Curve curve = curve_of(record);
  const double legend = kTop + kPlotHeight + kBelowPlot;
  std::string out = formatted(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
      "font-family=\"sans-serif\" font-size=\"11\">\n"
      "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n"
      "<rect x=\"%.0f\" y=\"%.0f\" width=\"%.0f\" height=\"%.0f\" fill=\"none\" "
      "stroke=\"#bbb\"/>\n",
      kWidth, legend + kLegendLine * static_cast<double>(curve.lines.size()), kLeft, kTop,
      kPlotWidth, kPlotHeight);
  out += axis_labels(curve);
  for (size_t i = 0; i < curve.lines.size(); ++i) {
    const Style style = style_of(i);
    out += drawn(curve.lines[i], curve, style);
    out += legend_line(curve.lines[i], style, legend + kLegendLine * static_cast<double>(i));
  }
  return out + "</svg>\n";
}

}  // namespace maxsimd::training
