package io.github.multiprom.exposition.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.exposition.Peers;
import io.github.multiprom.exposition.ProgramWorker;
import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.merge.MultiprocessCollector;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The same operations, done by Python processes in client_python's multiprocess mode and by JVMs,
 * show the same samples. Some workers are killed, some end in order, some start late.
 *
 * <p>What differs on purpose, and how it is treated here:
 *
 * <ul>
 *   <li>Per-worker gauges have the label {@code pid} there; here its value is the worker's name.
 *   <li>There is no {@code _created} there, nor {@code multiprom_}: left out.
 *   <li>Sums are plain doubles there, in the order of the files, and double-doubles here: they may
 *       differ in the last digits.
 *   <li>A gauge that a worker has but never set is 0 there, and here takes no part unless no worker
 *       set it: {@link #differsInGaugesThatWereNeverSet()}. Programs set each that they touch.
 *   <li>With NaN, {@code min} and {@code max} there depend on the order of the files, and infinite
 *       numbers become part of sums for good: neither is drawn.
 *   <li>There {@code mark_process_dead} must be called for each dead worker; the scrape does.
 *   <li>There series cannot be removed, and older versions know no {@code mostrecent}: not used
 *       unless they do.
 * </ul>
 */
@Timeout(600)
public class ClientPythonIT {
  private static final int WORKERS = 4;
  private static final int FAMILIES = 14;
  private static final int STEPS = 40;
  private static final int OPERATIONS = 10;
  private static final double TOLERANCE = 1e-12;

  private static final List<String> CHRONICLE_FLAGS =
      List.of(System.getProperty("chronicle.flags").strip().split("\\s+"));

  private static final List<String> LABELS = List.of("a", "b c", "quote\" back\\slash", "ünï 😀");

  private static final String WORKER =
      """
      import sys
      from prometheus_client import Counter, Gauge, Histogram, Summary
      families = {}
      for line in sys.stdin:
          op, name, label, amount, *more = line.rstrip('\\n').split('\\t') + ['']
          if op == 'family':
              type, name, mode, label = name, label, amount, more[0]
              labels = [label] if label else []
              if type == 'counter':
                  families[name] = Counter(name, 'Help.', labels)
              elif type == 'gauge':
                  families[name] = Gauge(name, 'Help.', labels, multiprocess_mode=mode)
              elif type == 'histogram':
                  families[name] = Histogram(name, 'Help.', labels, buckets=(-1, 0.25, 1, 10))
              else:
                  families[name] = Summary(name, 'Help.', labels)
          else:
              family = families[name]
              child = family.labels(label) if label else family
              if op != 'touch':
                  getattr(child, op)(float(amount))
          print('ok', flush=True)
      """;

  /** Prints its own samples, and those that it parses; the arguments are the pids of the dead. */
  private static final String SCRAPE =
      """
      import sys
      from prometheus_client import CollectorRegistry
      from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
      from prometheus_client.parser import text_string_to_metric_families
      for pid in sys.argv[1:]:
          mark_process_dead(pid)
      def show(who, families):
          for family in families:
              for sample in family.samples:
                  labels = ascii(sorted(sample.labels.items()))
                  print(who, repr(sample.value), family.type, sample.name, labels, sep='\\t')
      show('python', MultiProcessCollector(None).collect())
      show('java', text_string_to_metric_families(sys.stdin.buffer.read().decode('utf-8')))
      """;

  private static final String MODES =
      """
      from prometheus_client import Gauge
      print(*sorted(Gauge._MULTIPROC_MODES))
      """;

  @TempDir Path temporary;

  private final List<Pair> all = new ArrayList<>();
  private final List<String> families = new ArrayList<>();
  private String store = "mapped";
  private Path javaDirectory;
  private Path pythonDirectory;
  private MultiprocessCollector collector;

  /** A Python worker and a JVM that do the same. */
  private final class Pair implements AutoCloseable {
    final String name;
    final Process python;
    final Process java;
    final List<BufferedReader> from;
    final List<Writer> to;
    boolean dead;

    Pair(String name) throws IOException {
      this.name = name;
      ProcessBuilder builder = new ProcessBuilder(Peers.PYTHON, "-c", WORKER);
      builder.environment().put("PROMETHEUS_MULTIPROC_DIR", pythonDirectory.toString());
      builder.environment().put("PYTHONIOENCODING", "utf-8");
      python = builder.redirectError(Redirect.INHERIT).start();
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xmx128m"));
      command.addAll(CHRONICLE_FLAGS);
      command.addAll(List.of("-cp", System.getProperty("java.class.path")));
      command.addAll(List.of(ProgramWorker.class.getName(), javaDirectory.toString(), name));
      // Side by side with workers of the other kind.
      command.add(all.size() % 2 == 0 ? store : "mapped");
      java = new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
      from =
          List.of(
              python.inputReader(StandardCharsets.UTF_8), java.inputReader(StandardCharsets.UTF_8));
      to =
          List.of(
              python.outputWriter(StandardCharsets.UTF_8),
              java.outputWriter(StandardCharsets.UTF_8));
      all.add(this);
      for (String family : families) {
        does(family);
      }
    }

    /** Lets both do one thing, and waits until they have. */
    void does(String line) throws IOException {
      for (Writer each : to) {
        each.write(line + "\n");
        each.flush();
      }
      for (BufferedReader each : from) {
        assertEquals("ok", each.readLine(), name + ": " + line);
      }
    }

    void kill() throws Exception {
      python.destroyForcibly();
      java.destroyForcibly();
      awaitEnd();
    }

    void end() throws Exception {
      for (Writer each : to) {
        each.close();
      }
      awaitEnd();
    }

    private void awaitEnd() throws Exception {
      assertTrue(python.waitFor(60, TimeUnit.SECONDS));
      assertTrue(java.waitFor(60, TimeUnit.SECONDS));
      dead = true;
    }

    @Override
    public void close() {
      python.destroyForcibly();
      java.destroyForcibly();
    }
  }

  @BeforeEach
  void open() throws Exception {
    Peers.requireClientPython();
    javaDirectory = Files.createDirectory(temporary.resolve("java"));
    pythonDirectory = Files.createDirectory(temporary.resolve("python"));
    collector = new MultiprocessCollector(new DirectoryReader(javaDirectory), "pid");
  }

  @AfterEach
  void close() {
    all.forEach(Pair::close);
    if (collector != null) {
      collector.close();
    }
  }

  @ParameterizedTest
  @CsvSource({"1, mapped", "2, chronicle"})
  void showsTheSame(long seed, String storeOfHalf) throws Exception {
    Random random = new Random(seed);
    store = storeOfHalf;
    makeFamilies(random);
    for (int i = 0; i < WORKERS; i++) {
      new Pair("w" + i);
    }
    try (Stream<Path> files = Files.list(javaDirectory)) {
      long maps = files.filter(file -> file.toString().endsWith(".chronicle")).count();
      assertEquals(store.equals("chronicle") ? WORKERS / 2 : 0, maps);
    }
    int compared = 0;
    for (int step = 0; step < STEPS; step++) {
      List<Pair> living = all.stream().filter(pair -> !pair.dead).toList();
      Pair pair = living.get(random.nextInt(living.size()));
      for (int i = 0; i < OPERATIONS; i++) {
        pair.does(operation(random));
      }
      if (step % (STEPS / 5) == STEPS / 5 - 1) {
        compared = compare("seed " + seed + ", step " + step);
        if (random.nextBoolean()) {
          pair.kill();
        } else {
          pair.end();
        }
        compare("seed " + seed + ", step " + step + ", without " + pair.name);
        if (random.nextBoolean()) {
          new Pair("w" + all.size());
        }
      }
    }
    for (Pair pair : all) {
      if (!pair.dead) {
        pair.kill();
      }
    }
    compare("seed " + seed + ", all dead");
    System.out.println("seed " + seed + ": " + compared + " samples, " + all.size() + " workers");
    assertTrue(compared > 50, compared + " samples");
  }

  @Test
  void differsInGaugesThatWereNeverSet() throws Exception {
    families.add("family\tgauge\tleast\tmin\t");
    families.add("family\tgauge\tnever\tmin\t");
    Pair setting = new Pair("setting");
    new Pair("idle");
    setting.does("set\tleast\t\t5");
    Map<String, Map<String, Double>> samples = samples();
    assertEquals(Map.of("gauge\tleast\t[]", 0.0, "gauge\tnever\t[]", 0.0), samples.get("python"));
    assertEquals(Map.of("gauge\tleast\t[]", 5.0, "gauge\tnever\t[]", 0.0), samples.get("java"));
  }

  private void makeFamilies(Random random) throws Exception {
    String[] modes = Peers.run(new byte[0], Peers.PYTHON, "-c", MODES).output().strip().split(" ");
    assertTrue(modes.length >= 8, String.join(" ", modes));
    for (String mode : modes) {
      families.add(family("gauge", "gauge_" + mode, mode, "label"));
    }
    for (int i = modes.length; i < FAMILIES; i++) {
      String type = List.of("counter", "histogram", "summary").get(i % 3);
      families.add(family(type, type + "_" + i, "", random.nextBoolean() ? "label" : ""));
    }
  }

  private static String family(String type, String name, String mode, String label) {
    return String.join("\t", "family", type, name, mode, label);
  }

  private String operation(Random random) {
    String[] family = families.get(random.nextInt(families.size())).split("\t", -1);
    String label = family[4].isEmpty() ? "" : LABELS.get(random.nextInt(LABELS.size()));
    double amount = (random.nextInt(400) - 200) / 10.0;
    String operation =
        switch (family[1]) {
          // What was set last in one mode cannot be counted there.
          case "gauge" ->
              family[3].endsWith("mostrecent")
                  ? "set"
                  : List.of("set", "inc", "dec").get(random.nextInt(3));
          case "counter" -> random.nextInt(5) == 0 ? "touch" : "inc";
          default -> random.nextInt(5) == 0 ? "touch" : "observe";
        };
    if (family[1].equals("counter")) {
      amount = Math.abs(amount);
    }
    return String.join("\t", operation, family[2], label, Double.toString(amount));
  }

  /** Compares two scrapes and returns how many samples there were. */
  private int compare(String what) throws Exception {
    Map<String, Map<String, Double>> samples = samples();
    Map<String, Double> expected = samples.get("python");
    Map<String, Double> actual = samples.get("java");
    Set<String> both = new HashSet<>(expected.keySet());
    both.addAll(actual.keySet());
    for (String key : both) {
      Double there = expected.get(key);
      Double here = actual.get(key);
      String difference = what + ": " + key + " is " + there + " there and " + here + " here";
      assertTrue(there != null && here != null, difference);
      boolean equal =
          there.equals(here) || Math.abs(there - here) <= TOLERANCE * Math.max(1, Math.abs(there));
      assertTrue(equal, difference);
    }
    return both.size();
  }

  private Map<String, Map<String, Double>> samples() throws Exception {
    TextWriter writer = new TextWriter(ExpositionFormat.TEXT);
    byte[] text = collector.merge(family -> true, families -> writer.write(families, name -> true));
    List<String> command = new ArrayList<>(List.of("env"));
    command.add("PROMETHEUS_MULTIPROC_DIR=" + pythonDirectory);
    command.addAll(List.of(Peers.PYTHON, "-c", SCRAPE));
    all.stream().filter(pair -> pair.dead).forEach(pair -> command.add("" + pair.python.pid()));
    Peers.Result result = Peers.run(text, command.toArray(new String[0]));
    assertEquals(0, result.exitCode(), result.output());
    Map<String, Map<String, Double>> samples =
        Map.of("python", new TreeMap<>(), "java", new TreeMap<>());
    result.output().lines().forEach(line -> add(line, samples));
    return samples;
  }

  private void add(String line, Map<String, Map<String, Double>> samples) {
    String[] words = line.split("\t", 3);
    String key = words[2];
    if (key.contains("_created\t") || key.contains("\tmultiprom_")) {
      return;
    }
    for (Pair pair : all) {
      key = key.replace("('pid', '" + pair.python.pid() + "')", "('pid', '" + pair.name + "')");
    }
    double value = Double.parseDouble(words[1].replace("inf", "Infinity").replace("nan", "NaN"));
    samples.get(words[0]).put(key, value);
  }
}
