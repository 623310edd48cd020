package io.github.multiprom.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.DoubleStream;

/** Horizontal bars in groups, as SVG that is readable on a light and on a dark page. Immutable. */
record BarChart(String title, String unit, boolean logarithmic, List<Group> groups) {
  private static final int WIDTH = 760;
  private static final int LABEL_WIDTH = 210;
  private static final int VALUE_WIDTH = 90;
  private static final int BAR_HEIGHT = 14;
  private static final int BAR_STEP = 17;
  private static final int GROUP_GAP = 14;
  private static final int TOP = 62;
  private static final String[] COLOURS = {"#d9480f", "#4c6ef5", "#2b8a3e", "#862e9c", "#868e96"};

  /** Bars that are compared with each other. */
  record Group(String label, List<Bar> bars) {}

  /** One figure. */
  record Bar(String name, double value) {}

  /** The chart as a document. */
  String toSvg() {
    List<String> names = names();
    double max = values().max().orElse(1);
    double min = values().min().orElse(1);
    int height = TOP + 10;
    for (Group group : groups) {
      height += group.bars.size() * BAR_STEP + GROUP_GAP;
    }
    StringBuilder svg = new StringBuilder();
    svg.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">
        <style>
        text { fill: #212529 }
        @media (prefers-color-scheme: dark) { text { fill: #e9ecef } }
        </style>
        <text x="8" y="20" font-size="15">%s</text>
        """
            .formatted(WIDTH, height, escaped(title)));
    int x = 8;
    for (int i = 0; i < names.size(); i++) {
      svg.append(
          "<rect x=\"%d\" y=\"34\" width=\"10\" height=\"10\" fill=\"%s\"/><text x=\"%d\" y=\"43\">%s</text>\n"
              .formatted(x, colour(i), x + 14, escaped(names.get(i))));
      x += 40 + 7 * names.get(i).length();
    }
    int y = TOP;
    for (Group group : groups) {
      svg.append(
          "<text x=\"8\" y=\"%d\">%s</text>\n".formatted(y + BAR_HEIGHT - 3, escaped(group.label)));
      for (Bar bar : group.bars) {
        int length = length(bar.value, min, max);
        svg.append(
            "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"/><text x=\"%d\" y=\"%d\">%s %s</text>\n"
                .formatted(
                    LABEL_WIDTH,
                    y,
                    length,
                    BAR_HEIGHT,
                    colour(names.indexOf(bar.name)),
                    LABEL_WIDTH + length + 5,
                    y + BAR_HEIGHT - 3,
                    figure(bar.value),
                    escaped(unit)));
        y += BAR_STEP;
      }
      y += GROUP_GAP;
    }
    return svg.append("</svg>\n").toString();
  }

  private DoubleStream values() {
    return groups.stream().flatMap(group -> group.bars.stream()).mapToDouble(Bar::value);
  }

  private List<String> names() {
    Set<String> names = new LinkedHashSet<>();
    groups.forEach(group -> group.bars.forEach(bar -> names.add(bar.name)));
    return new ArrayList<>(names);
  }

  private int length(double value, double min, double max) {
    int room = WIDTH - LABEL_WIDTH - VALUE_WIDTH;
    double share =
        logarithmic && max > min
            ? 0.08 + 0.92 * Math.log(value / min) / Math.log(max / min)
            : value / max;
    return (int) Math.max(1, Math.round(room * share));
  }

  private static String colour(int index) {
    return COLOURS[index % COLOURS.length];
  }

  /** Three significant digits. */
  private static String figure(double value) {
    int decimals = value >= 100 ? 0 : value >= 10 ? 1 : 2;
    return String.format(Locale.ROOT, "%,." + decimals + "f", value);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;");
  }
}
