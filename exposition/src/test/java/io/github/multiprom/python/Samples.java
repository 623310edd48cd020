package io.github.multiprom.python;

import io.github.multiprom.exposition.format.ExpositionFormat;
import io.github.multiprom.exposition.format.TextWriter;
import io.github.multiprom.merge.MultiprocessCollector;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Samples of a text 0.0.4, by name and labels in order. */
public final class Samples {
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");

  private Samples() {}

  /** All but those of Multiprom itself and those that tell when series were made. */
  public static Map<String, Double> of(MultiprocessCollector collector) {
    return parse(text(collector));
  }

  static String text(MultiprocessCollector collector) {
    byte[] text =
        collector.merge(
            family -> !family.name().startsWith("multiprom_"),
            families ->
                new TextWriter(ExpositionFormat.TEXT)
                    .write(families, name -> !name.endsWith("_created")));
    return new String(text, StandardCharsets.UTF_8);
  }

  static Map<String, Double> parse(String text) {
    Map<String, Double> samples = new TreeMap<>();
    for (String line : text.split("\n", -1)) {
      if (!line.isEmpty() && !line.startsWith("#")) {
        int value = line.lastIndexOf(' ');
        String name = line.substring(0, Math.min(value, (line + "{").indexOf('{')));
        Map<String, String> labels = new TreeMap<>();
        Matcher label = LABEL.matcher(line.substring(name.length(), value));
        while (label.find()) {
          labels.put(label.group(1), label.group(2));
        }
        labels.computeIfPresent("le", (le, bound) -> "" + number(bound));
        samples.put(name + labels, number(line.substring(value + 1)));
      }
    }
    return samples;
  }

  private static double number(String text) {
    return Double.parseDouble(text.replace("Inf", "Infinity"));
  }
}
