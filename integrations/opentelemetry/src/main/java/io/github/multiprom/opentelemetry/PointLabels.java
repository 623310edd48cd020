package io.github.multiprom.opentelemetry;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.Value;
import io.opentelemetry.sdk.common.InstrumentationScopeInfo;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The labels of a point: its attributes, and what made it. Immutable. */
record PointLabels(String[] names, String[] values) {
  private static final String SCOPE = "otel_scope_";

  /** Labels of attributes alone. */
  static PointLabels of(Attributes attributes) {
    return of(fromAttributes(attributes));
  }

  /** Labels of attributes and of the scope that has the instrument. */
  static PointLabels of(Attributes attributes, InstrumentationScopeInfo scope) {
    Map<String, String> labels = fromAttributes(attributes);
    putIfKnown(labels, SCOPE + "name", scope.getName());
    putIfKnown(labels, SCOPE + "version", scope.getVersion());
    putIfKnown(labels, SCOPE + "schema_url", scope.getSchemaUrl());
    scope
        .getAttributes()
        .forEach(
            (key, value) ->
                putIfKnown(labels, PrometheusNames.label(SCOPE + key.getKey()), text(value)));
    return of(labels);
  }

  private static PointLabels of(Map<String, String> labels) {
    return new PointLabels(
        labels.keySet().toArray(new String[0]), labels.values().toArray(new String[0]));
  }

  /** Keys that become one name have their values one after the other; the keys come sorted. */
  private static Map<String, String> fromAttributes(Attributes attributes) {
    Map<String, String> labels = new LinkedHashMap<>();
    attributes.forEach(
        (key, value) ->
            labels.merge(
                PrometheusNames.label(key.getKey()),
                text(value),
                (one, other) -> one + ';' + other));
    return labels;
  }

  private static void putIfKnown(Map<String, String> labels, String name, String value) {
    if (value != null) {
      labels.putIfAbsent(name, value);
    }
  }

  private static String text(Object value) {
    if (value instanceof List<?> list) {
      return list.stream().map(PointLabels::json).collect(Collectors.joining(",", "[", "]"));
    }
    return value instanceof Value<?> any ? any.asString() : value.toString();
  }

  private static String json(Object element) {
    if (!(element instanceof String string)) {
      return String.valueOf(element);
    }
    StringBuilder json = new StringBuilder("\"");
    for (int i = 0; i < string.length(); i++) {
      char c = string.charAt(i);
      switch (c) {
        case '"', '\\' -> json.append('\\').append(c);
        case '\b' -> json.append("\\b");
        case '\f' -> json.append("\\f");
        case '\n' -> json.append("\\n");
        case '\r' -> json.append("\\r");
        case '\t' -> json.append("\\t");
        default -> {
          if (c < ' ') {
            json.append(String.format("\\u%04X", (int) c));
          } else {
            json.append(c);
          }
        }
      }
    }
    return json.append('"').toString();
  }
}
