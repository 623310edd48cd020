package io.github.multiprom.python;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * The key of an entry: {@code [family, sample, {label: value, ...}, help]} in JSON; before release
 * 0.16 without the help. Immutable.
 *
 * @param labelNames sorted
 * @param labelValues one for each name
 * @param help empty if there is none
 */
record PythonKey(
    String family, String sample, List<String> labelNames, List<String> labelValues, String help) {
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /**
   * Reads a key.
   *
   * @throws IOException if it is none
   */
  static PythonKey parse(byte[] utf8) throws IOException {
    try (JsonParser json = JSON.createParser(utf8)) {
      expect(json.nextToken() == JsonToken.START_ARRAY);
      String family = json.nextTextValue();
      String sample = json.nextTextValue();
      expect(family != null && sample != null && json.nextToken() == JsonToken.START_OBJECT);
      TreeMap<String, String> labels = new TreeMap<>();
      for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
        String value = json.nextTextValue();
        expect(value != null);
        labels.put(name, value);
      }
      expect(json.currentToken() == JsonToken.END_OBJECT);
      String help = json.nextTextValue();
      expect(help == null || json.nextToken() == JsonToken.END_ARRAY);
      expect(json.currentToken() == JsonToken.END_ARRAY && json.nextToken() == null);
      return new PythonKey(
          family,
          sample,
          List.copyOf(labels.keySet()),
          List.copyOf(labels.values()),
          help == null ? "" : help);
    }
  }

  private static void expect(boolean asExpected) throws IOException {
    if (!asExpected) {
      throw new IOException("not the key of a sample");
    }
  }

  /** A label's value; null if there is no such label. */
  String label(String name) {
    int i = labelNames.indexOf(name);
    return i < 0 ? null : labelValues.get(i);
  }

  /** The same without a label. */
  PythonKey without(String name) {
    int without = labelNames.indexOf(name);
    if (without < 0) {
      return this;
    }
    List<String> names = new ArrayList<>(labelNames);
    List<String> values = new ArrayList<>(labelValues);
    names.remove(without);
    values.remove(without);
    return new PythonKey(family, sample, List.copyOf(names), List.copyOf(values), help);
  }
}
