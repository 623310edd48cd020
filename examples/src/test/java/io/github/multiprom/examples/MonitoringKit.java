package io.github.multiprom.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The files of {@code examples/monitoring}. */
final class MonitoringKit {
  static final Path FOLDER = Path.of("monitoring").toAbsolutePath();

  private MonitoringKit() {}

  static Path file(String name) {
    return FOLDER.resolve(name);
  }

  /** The expressions of all panels of the dashboard, for all jobs and hosts. */
  static List<String> dashboardExpressions() throws IOException {
    var expressions = new ArrayList<String>();
    // JSON is YAML.
    collect(
        new Load(LoadSettings.builder().build())
            .loadFromString(Files.readString(file("dashboard.json"))),
        expressions);
    return expressions.stream()
        .map(
            expression ->
                expression
                    .replace("$job", ".*")
                    .replace("$instance", ".*")
                    .replace("$__rate_interval", "1m"))
        .toList();
  }

  private static void collect(Object node, List<String> expressions) {
    if (node instanceof Map<?, ?> object) {
      if (object.get("expr") instanceof String expression) {
        expressions.add(expression);
      }
      object.values().forEach(value -> collect(value, expressions));
    } else if (node instanceof List<?> list) {
      list.forEach(value -> collect(value, expressions));
    }
  }
}
