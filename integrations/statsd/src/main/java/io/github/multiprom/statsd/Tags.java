package io.github.multiprom.statsd;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The tags of a line by their escaped names; the last of equal names counts. One thread. */
final class Tags {
  private final Map<String, String> values = new LinkedHashMap<>();
  private int errors;

  /** Adds the tags of a DogStatsD component, {@code a:b,c:d}. */
  void addComponent(String component) {
    for (String tag : split(component)) {
      add(tag.startsWith("#") ? tag.substring(1) : tag, ':');
    }
  }

  /**
   * Adds the tags in a name: {@code m#a=b,c=d} of Librato, {@code m,a=b,c=d} of InfluxDB, {@code
   * m[a=b,c=d]} of SignalFx.
   *
   * @return the name without them
   */
  String addFromName(String name) {
    int open = name.indexOf('[');
    int close = name.indexOf(']');
    if (open >= 0 && close > open) {
      addList(name.substring(open + 1, close));
      return name.substring(0, open) + name.substring(close + 1);
    }
    if (open >= 0 || close >= 0) {
      errors++;
      return name;
    }
    for (int i = 0; i < name.length(); i++) {
      if (name.charAt(i) == '#' || name.charAt(i) == ',') {
        addList(name.substring(i + 1));
        return name.substring(0, i);
      }
    }
    return name;
  }

  private void addList(String list) {
    for (String tag : split(list)) {
      add(tag, '=');
    }
  }

  /** What stands between commas. A comma at the end is no mistake. */
  private static List<String> split(String list) {
    String[] all = list.split(",", -1);
    int count = all[all.length - 1].isEmpty() ? all.length - 1 : all.length;
    return List.of(all).subList(0, count);
  }

  private void add(String tag, char separator) {
    int at = tag.indexOf(separator);
    if (at <= 0 || at == tag.length() - 1) {
      errors++;
    } else {
      values.put(Names.escape(tag.substring(0, at)), tag.substring(at + 1));
    }
  }

  Map<String, String> values() {
    return values;
  }

  /** How many have no name or no value. */
  int errors() {
    return errors;
  }
}
