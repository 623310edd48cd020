package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.metrics.MetricLibrary.Thing;
import io.prometheus.client.Collector;
import io.prometheus.client.exemplars.CounterExemplarSampler;
import io.prometheus.client.exemplars.Exemplar;
import io.prometheus.client.exemplars.ExemplarConfig;
import io.prometheus.client.exemplars.HistogramExemplarSampler;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs the same cases over simpleclient's classes and ours. */
@Tag(StoreUnderTest.TAG)
class SimpleclientContractTest {
  private static final List<String> TYPES = List.of("Counter", "Gauge", "Histogram", "Summary");
  private static final double[] HARD_NUMBERS = {
    0, -0.0, 1, 0.005, 0.005000000000000001, 10, 10.1, 1e300, 4.9e-324, Double.POSITIVE_INFINITY
  };

  interface Steps {
    void run(MetricLibrary library) throws Exception;
  }

  record Case(String name, Steps steps) {
    @Override
    public String toString() {
      return name;
    }
  }

  @ParameterizedTest
  @MethodSource({
    "builderCases",
    "childCases",
    "timerCases",
    "lifeCases",
    "wordCases",
    "exemplarCases"
  })
  void behavesAsSimpleclient(Case example) throws Exception {
    MetricLibrary simpleclient = MetricLibrary.simpleclient();
    example.steps.run(simpleclient);
    try (Worker worker = Workers.inMemory()) {
      MetricLibrary ours = MetricLibrary.ours(worker);
      example.steps.run(ours);
      assertEquals(String.join("\n", simpleclient.notes), String.join("\n", ours.notes));
      assertEquals(
          Expositions.text(simpleclient.registry), Expositions.text(ours.registry), "0.0.4");
      assertEquals(
          Expositions.openMetrics(simpleclient.registry),
          Expositions.openMetrics(ours.registry),
          "OpenMetrics");
      assertFalse(ours.notes.isEmpty() && isEmpty(ours), "the case shows nothing");
    }
  }

  private static boolean isEmpty(MetricLibrary library) throws IOException {
    return Expositions.text(library.registry).isEmpty();
  }

  /** Changes a builder of each type; both libraries refuse the change, or neither does. */
  private static Case building(String name, UnaryOperatorOfThing change) {
    return new Case(
        name,
        library -> {
          for (String type : TYPES) {
            library.attempt(
                () -> {
                  Thing builder = library.build(type).call("name", type).call("help", "Some.");
                  return change.apply(builder).call("register", library.registry);
                });
          }
        });
  }

  interface UnaryOperatorOfThing {
    Thing apply(Thing thing) throws Exception;
  }

  static Stream<Case> builderCases() {
    return Stream.of(
        building("builder as it is", builder -> builder),
        building("namespace", builder -> builder.call("namespace", "app")),
        building("subsystem", builder -> builder.call("subsystem", "http")),
        building("both", builder -> builder.call("subsystem", "b").call("namespace", "a")),
        building("unit", builder -> builder.call("unit", "seconds")),
        building(
            "unit in the name", b -> b.call("name", "latency_seconds").call("unit", "seconds")),
        building("name with a unit and _total", b -> b.call("name", "bytes_total")),
        building("help with escapes", builder -> builder.call("help", "a\\b\nc \"quoted\" ä")),
        building("no name", builder -> builder.call("name", "")),
        building("null name", builder -> builder.call("name", (Object) null)),
        building("only _total", builder -> builder.call("name", "_total")),
        building("bad name", builder -> builder.call("name", "a-b")),
        building("name that starts with a digit", builder -> builder.call("name", "9lives")),
        building("bad namespace", builder -> builder.call("namespace", "a b")),
        building("bad unit", builder -> builder.call("unit", "m/s")),
        building("no help", builder -> builder.call("help", "")),
        building("label", builder -> builder.call("labelNames", (Object) names("a"))),
        building("bad label", builder -> builder.call("labelNames", (Object) names("a-b"))),
        building("empty label", builder -> builder.call("labelNames", (Object) names(""))),
        building("label with a colon", b -> b.call("labelNames", (Object) names("a:b"))),
        building("reserved label", b -> b.call("labelNames", (Object) names("__a"))),
        building("label le", builder -> builder.call("labelNames", (Object) names("le"))),
        building("label quantile", b -> b.call("labelNames", (Object) names("quantile"))),
        buckets("buckets", builder -> builder.call("buckets", (Object) numbers(1, 2, 5))),
        buckets("negative", builder -> builder.call("buckets", (Object) numbers(-1, 0, 1))),
        buckets("with +Inf", b -> b.call("buckets", (Object) numbers(1, Double.POSITIVE_INFINITY))),
        buckets("only +Inf", b -> b.call("buckets", (Object) numbers(Double.POSITIVE_INFINITY))),
        buckets("out of order", builder -> builder.call("buckets", (Object) numbers(2, 1))),
        buckets("twice the same", builder -> builder.call("buckets", (Object) numbers(1, 1))),
        buckets("none", builder -> builder.call("buckets", (Object) numbers())),
        buckets("linear", builder -> builder.call("linearBuckets", 0.1, 0.1, 5)),
        buckets("linear, no width", builder -> builder.call("linearBuckets", 1.0, 0.0, 3)),
        buckets("linear, none", builder -> builder.call("linearBuckets", 1.0, 1.0, 0)),
        buckets("linear, fewer than none", b -> b.call("linearBuckets", 1.0, 1.0, -1)),
        buckets("exponential", builder -> builder.call("exponentialBuckets", 0.001, 2.0, 8)),
        buckets("exponential, shrinking", b -> b.call("exponentialBuckets", 1.0, 0.5, 3)),
        new Case(
            "build(name, help)",
            library -> {
              for (String type : TYPES) {
                library.build(type, type + "_a", "Help.").call("register", library.registry);
              }
            }));
  }

  private static Case buckets(String name, UnaryOperatorOfThing change) {
    return new Case(
        "buckets: " + name,
        library ->
            library.attempt(
                () -> {
                  Thing builder = library.build("Histogram", "h", "Help.");
                  Thing family = change.apply(builder).call("register", library.registry);
                  for (double number : HARD_NUMBERS) {
                    family.call("observe", number);
                  }
                  return "registered";
                }));
  }

  private static String[] names(String... names) {
    return names;
  }

  private static double[] numbers(double... numbers) {
    return numbers;
  }

  static Stream<Case> childCases() {
    return Stream.of(
        new Case("counter without labels", library -> count(library, "c", child -> child)),
        new Case("counter of an old name", library -> count(library, "c_total", child -> child)),
        new Case(
            "counter with labels",
            library -> {
              Thing family = library.family("Counter", "c", "method", "path");
              Thing child = family.labels("GET", "/a\"b\\c\nd");
              countOn(library, child);
              family.labels("", "").call("inc");
              family.labels("GET", "/a\"b\\c\nd").call("inc");
              library.note(child.call("get"));
            }),
        new Case(
            "three labels",
            library -> {
              for (String type : TYPES) {
                Thing family = library.family(type, type, "a", "b", "c");
                family.labels("1", "2", "3");
                family.labels("3", "2", "1");
                Object first = family.labels("1", "2", "3").object();
                Object again = family.labels("1", "2", "3").object();
                library.note(first == again);
              }
            }),
        new Case("gauge without labels", library -> gauge(library, library.family("Gauge", "g"))),
        new Case(
            "gauge with a label",
            library -> gauge(library, library.family("Gauge", "g", "queue").labels("mail"))),
        new Case(
            "gauge never set",
            library -> {
              library.family("Gauge", "g");
              library.family("Gauge", "h", "queue").labels("mail");
            }),
        new Case(
            "gauge of the current time",
            library -> {
              Thing family = library.family("Gauge", "g");
              family.call("setToCurrentTime");
              double seconds = System.currentTimeMillis() / 1000.0;
              library.note(Math.abs(family.call("get").number() - seconds) < 60);
              family.call("set", 0.0);
            }),
        new Case(
            "gauge of hard numbers",
            library -> {
              Thing family = library.family("Gauge", "g", "number");
              for (double number : HARD_NUMBERS) {
                family.labels("" + number).call("set", number);
              }
              family.labels("NaN").call("set", Double.NaN);
              family.labels("-Inf").call("set", Double.NEGATIVE_INFINITY);
            }),
        new Case(
            "histogram without labels",
            library -> {
              Thing family = library.family("Histogram", "h");
              for (double number : HARD_NUMBERS) {
                family.call("observe", number);
              }
            }),
        new Case(
            "histogram with a label",
            library -> {
              Thing child = library.family("Histogram", "h", "method").labels("GET");
              for (double number : List.of(0.1, 0.2, 3.0, -7.0, Double.NEGATIVE_INFINITY)) {
                child.call("observe", number);
                library.note(child.call("get").field("sum"));
                library.note(child.call("get").field("buckets"));
              }
              long created = (long) child.call("get").field("created");
              library.note(Math.abs(System.currentTimeMillis() - created) < 60_000);
            }),
        new Case(
            "histogram of NaN",
            library -> {
              Thing family = library.family("Histogram", "h");
              family.call("observe", 1.0);
              family.call("observe", Double.NaN);
              family.call("observe", 2.0);
            }),
        new Case(
            "summary",
            library -> {
              Thing family = library.family("Summary", "s");
              Thing child = library.family("Summary", "t", "method").labels("GET");
              for (double number : HARD_NUMBERS) {
                family.call("observe", number);
                child.call("observe", -number);
                library.note(family.call("get").field("sum"));
                library.note(family.call("get").field("count"));
                library.note(child.call("get").field("sum"));
              }
              child.call("observe", Double.NaN);
              library.note(child.call("get").field("count"));
            }),
        new Case(
            "wrong labels",
            library -> {
              for (String type : TYPES) {
                Thing family = library.family(type, type, "a", "b");
                library.attempt(() -> family.labels("1"));
                library.attempt(() -> family.labels());
                library.attempt(() -> family.labels("1", "2", "3"));
                library.attempt(() -> family.labels("1", null));
                library.attempt(() -> family.labels(null, null, null));
                Thing single = library.family(type, type + "_single", "a");
                library.attempt(() -> single.labels((String) null));
                library.attempt(() -> single.call("labels", (Object) new String[] {"1", "2"}));
              }
            }),
        new Case(
            "labels on a family without any, and the other way round",
            library -> {
              for (String type : TYPES) {
                Thing family = library.family(type, type);
                library.attempt(() -> family.labels("1"));
                family.labels();
              }
              Thing labelled = library.family("Counter", "labelled", "a");
              library.attempt(() -> labelled.call("inc"));
            }));
  }

  private static void count(MetricLibrary library, String name, UnaryOperator<Thing> of)
      throws Exception {
    countOn(library, of.apply(library.family("Counter", name)));
  }

  private static void countOn(MetricLibrary library, Thing counter) throws Exception {
    library.note(counter.call("get"));
    counter.call("inc");
    counter.call("inc", 2.5);
    counter.call("inc", 0.0);
    counter.call("inc", -0.0);
    library.attempt(() -> counter.call("inc", -1.0));
    library.attempt(() -> counter.call("inc", Double.NEGATIVE_INFINITY));
    library.note(counter.call("get"));
    counter.call("inc", 1e-300);
    counter.call("inc", Double.POSITIVE_INFINITY);
    library.note(counter.call("get"));
    counter.call("inc", Double.NaN);
    library.note(counter.call("get"));
  }

  private static void gauge(MetricLibrary library, Thing gauge) throws Exception {
    library.note(gauge.call("get"));
    gauge.call("inc");
    gauge.call("inc", 4.5);
    library.note(gauge.call("get"));
    gauge.call("dec");
    gauge.call("dec", 10.25);
    library.note(gauge.call("get"));
    gauge.call("set", 42.0);
    gauge.call("inc", -2.0);
    library.note(gauge.call("get"));
  }

  static Stream<Case> exemplarCases() {
    CounterExemplarSampler ofCounter =
        (amount, before) -> before == null ? new Exemplar(amount, 5L, "first", "1") : before;
    HistogramExemplarSampler ofHistogram =
        (value, from, to, before) ->
            new Exemplar(
                value, 5L, "from", "" + from, "to", "" + to, "again", "" + (before != null));
    return Stream.of(
        new Case(
            "counter with exemplars",
            library -> {
              Thing family = library.family("Counter", "c");
              Thing child = library.family("Counter", "d", "l").labels("x");
              for (Thing counter : List.of(family, child)) {
                library.attempt(() -> counter.call("incWithExemplar", (Object) names("a")));
                library.attempt(() -> counter.call("incWithExemplar", (Object) names("a-b", "c")));
                library.attempt(
                    () -> counter.call("incWithExemplar", 1.0, names("a", "c".repeat(128))));
                library.attempt(() -> counter.call("incWithExemplar", -1.0, names("a", "b")));
                counter.call("incWithExemplar", 2.0, names("a", "b", "c", "d\"e"));
                counter.call("inc");
                library.note(counter.call("get"));
              }
              child.call("incWithExemplar", Map.of("k", "c".repeat(127)));
              child.call("incWithExemplar", 0.5, Map.of());
              family.call("incWithExemplar", 0.5, (String[]) null);
            }),
        new Case(
            "histogram with exemplars",
            library -> {
              Thing family =
                  library
                      .build("Histogram", "h", "Help.")
                      .call("buckets", (Object) numbers(1, 2))
                      .call("register", library.registry);
              family.call("observeWithExemplar", 1.0, names("a", "b"));
              family.call("observeWithExemplar", 7.5, Map.of("a", "c"));
              family.call("observeWithExemplar", Double.NaN, names("a", "d"));
              family.call("observe", 1.5);
              library.attempt(() -> family.call("observeWithExemplar", 1.5, names("a")));
              library.note(
                  family.call("timeWithExemplar", (Callable<String>) () -> "x", names("t", "u")));
              library.note(
                  family.call("timeWithExemplar", (Runnable) () -> {}, names("t", "v")) != null);
              family.call("clear");
              family.call("observeWithExemplar", 2.0, names());
            }),
        new Case(
            "samplers",
            library -> {
              Thing counter =
                  library
                      .build("Counter", "c", "Help.")
                      .call("withExemplarSampler", ofCounter)
                      .call("register", library.registry);
              Thing histogram =
                  library
                      .build("Histogram", "h", "Help.")
                      .call("buckets", (Object) numbers(1, 2))
                      .call("withExemplarSampler", ofHistogram)
                      .call("register", library.registry);
              counter.call("inc", 3.0);
              counter.call("inc", 4.0);
              for (double value : numbers(-1, 1, 1.5, 2, 3)) {
                histogram.call("observe", value);
              }
              Thing without =
                  library
                      .build("Counter", "d", "Help.")
                      .call("withExemplarSampler", ofCounter)
                      .call("withoutExemplars")
                      .call("register", library.registry);
              without.call("inc");
              library.attempt(
                  () -> library.build("Counter").call("withExemplarSampler", (Object) null));
            }),
        new Case(
            "samplers of the configuration",
            library -> {
              CounterExemplarSampler before = ExemplarConfig.getCounterExemplarSampler();
              try {
                ExemplarConfig.setCounterExemplarSampler(ofCounter);
                Thing counter = library.family("Counter", "c");
                Thing without =
                    library
                        .build("Counter", "d", "Help.")
                        .call("withoutExemplars")
                        .call("register", library.registry);
                counter.call("inc", 3.0);
                without.call("inc", 3.0);
                ExemplarConfig.disableExemplars();
                library.family("Counter", "e").call("inc", 3.0);
                library
                    .build("Counter", "f", "Help.")
                    .call("withExemplars")
                    .call("register", library.registry)
                    .call("inc", 3.0);
              } finally {
                ExemplarConfig.setCounterExemplarSampler(before);
                ExemplarConfig.enableExemplars();
              }
            }));
  }

  private static Case quantiles(String name, UnaryOperatorOfThing change) {
    return new Case(
        "quantiles: " + name,
        library ->
            library.attempt(
                () -> {
                  Thing builder = library.build("Summary", "s", "Help.");
                  Thing family =
                      change
                          .apply(builder)
                          .call("labelNames", (Object) names("a"))
                          .call("register", library.registry);
                  family.labels("none");
                  for (int i = 0; i < 1000; i++) {
                    family.labels("some").call("observe", (double) i);
                  }
                  return family.labels("some").call("get").field("quantiles");
                }));
  }

  /** Infos, enumerations, and quantiles. */
  static Stream<Case> wordCases() {
    return Stream.of(
        quantiles("two", s -> s.call("quantile", 0.99, 0.001).call("quantile", 0.5, 0.05)),
        quantiles("ages", s -> s.call("quantile", 1.0, 0.0).call("maxAgeSeconds", 9L)),
        quantiles("buckets", s -> s.call("ageBuckets", 2).call("quantile", 0.0, 0.0)),
        quantiles("too large", s -> s.call("quantile", 1.1, 0.1)),
        quantiles("wrong error", s -> s.call("quantile", 1.0, -0.1)),
        quantiles("no age", s -> s.call("maxAgeSeconds", 0L)),
        quantiles("no buckets", s -> s.call("ageBuckets", 0)),
        new Case(
            "info",
            library -> {
              Thing family = library.family("Info", "x");
              Thing labelled = library.family("Info", "y_info", "l");
              library.note(family.call("get"));
              family.call("info", (Object) names("z", "1", "b", "2"));
              library.note(family.call("get"));
              labelled.labels("a").call("info", Map.of("k", "quote\"d"));
              labelled.labels("b");
              library.note(
                  Arrays.toString(
                      ((Collector.Describable) family.object()).describe().get(0).getNames()));
              library.attempt(() -> family.call("info", (Object) names("a")));
              library.attempt(() -> family.call("info", (Object) names("a-b", "c")));
              library.attempt(() -> family.call("info", (Object) names("__a", "c")));
              library.attempt(() -> labelled.labels("a").call("info", (Object) names("l", "c")));
              library.attempt(
                  () -> library.build("Info", "q", "Help.").call("unit", "u").call("create"));
              library.attempt(() -> library.build("Info").call("create"));
              labelled.call("remove", (Object) names("b"));
            }),
        new Case(
            "enumeration",
            library -> {
              Thing family =
                  library
                      .build("Enumeration", "s", "Help.")
                      .call("states", (Object) names("B", "A", "B"))
                      .call("register", library.registry);
              Thing labelled =
                  library
                      .build("Enumeration", "t", "Help.")
                      .call("labelNames", (Object) names("l"))
                      .call("states", Thread.State.class)
                      .call("register", library.registry);
              library.note(family.call("get"));
              family.call("state", "A");
              library.note(family.call("get"));
              labelled.labels("a").call("state", Thread.State.WAITING);
              library.note(labelled.labels("b").call("get"));
              library.attempt(() -> family.call("state", "C"));
              library.attempt(() -> library.build("Enumeration").call("create"));
              library.attempt(() -> library.build("Enumeration").call("states", (Object) names()));
              library.attempt(
                  () ->
                      library
                          .build("Enumeration", "q", "Help.")
                          .call("states", (Object) names("a"))
                          .call("unit", "u")
                          .call("create"));
              library.attempt(
                  () ->
                      library
                          .build("Enumeration", "q", "Help.")
                          .call("states", (Object) names("a"))
                          .call("labelNames", (Object) names("q"))
                          .call("create"));
              family.call("clear");
              library.note(family.call("get"));
            }));
  }

  static Stream<Case> timerCases() {
    return Stream.of(
        new Case(
            "gauge timers",
            library -> {
              for (Thing gauge :
                  List.of(
                      library.family("Gauge", "g"), library.family("Gauge", "h", "a").labels(""))) {
                Thing timer = gauge.call("startTimer");
                double seconds = timer.call("setDuration").number();
                library.note(seconds >= 0 && gauge.call("get").number() == seconds);
                try (AutoCloseable closed = (AutoCloseable) timer.object()) {
                  library.note(closed != null);
                }
                library.note(gauge.call("get").number() > seconds);
                library.note(
                    gauge.call("setToTime", (Runnable) () -> {}).number()
                        == gauge.call("get").number());
                library.note(gauge.call("setToTime", (Callable<String>) () -> "result"));
                failing(library, gauge, "setToTime");
                gauge.call("set", 0.0);
              }
            }),
        new Case("histogram timers", library -> observing(library, "Histogram")),
        new Case("summary timers", library -> observing(library, "Summary")));
  }

  private static void observing(MetricLibrary library, String type) throws Exception {
    Thing family = library.family(type, "f");
    Thing child = library.family(type, "g", "a").labels("");
    for (Thing timed : List.of(family, child)) {
      Thing timer = timed.call("startTimer");
      library.note(timer.call("observeDuration").number() >= 0);
      try (AutoCloseable closed = (AutoCloseable) timer.object()) {
        library.note(closed != null);
      }
      library.note(timed.call("time", (Runnable) () -> {}).number() >= 0);
      library.note(timed.call("time", (Callable<String>) () -> "result"));
      failing(library, timed, "time");
    }
    Thing value = child.call("get");
    library.note((double) value.field("sum") > 0);
    if (type.equals("Histogram")) {
      double[] buckets = (double[]) value.field("buckets");
      library.note(buckets[buckets.length - 1]);
    } else {
      library.note(value.field("count"));
    }
    // The durations themselves differ.
    family.call("clear");
    child.call("observe", Double.NaN);
    library.registry.clear();
  }

  private static void failing(MetricLibrary library, Thing timed, String method) {
    library.attempt(
        () ->
            timed.call(
                method,
                (Runnable)
                    () -> {
                      throw new IllegalStateException("from a Runnable");
                    }));
    library.attempt(
        () ->
            timed.call(
                method,
                (Callable<String>)
                    () -> {
                      throw new IOException("from a Callable");
                    }));
    library.attempt(
        () ->
            timed.call(
                method,
                (Callable<String>)
                    () -> {
                      throw new IllegalStateException("from a Callable");
                    }));
  }

  static Stream<Case> lifeCases() {
    return Stream.of(
        new Case(
            "remove",
            library -> {
              Thing family = library.family("Counter", "c", "a");
              Thing kept = family.labels("kept");
              Thing gone = family.labels("gone");
              kept.call("inc");
              gone.call("inc", 5.0);
              family.call("remove", (Object) names("gone"));
              gone.call("inc", 7.0);
              library.note(gone.call("get"));
              family.call("remove", (Object) names("never"));
              library.attempt(() -> family.call("remove", (Object) names("1", "2")).object());
              library.attempt(() -> family.call("remove", (Object) new String[1]).object());
            }),
        new Case(
            "remove and use again",
            library -> {
              for (String type : TYPES) {
                Thing family = library.family(type, type, "a", "b");
                String method =
                    type.equals("Histogram") || type.equals("Summary") ? "observe" : "inc";
                family.labels("1", "2").call(method, 5.0);
                family.call("remove", (Object) names("1", "2"));
                family.labels("1", "2").call(method, 3.0);
              }
            }),
        new Case(
            "remove and clear without labels",
            library -> {
              Thing counter = library.family("Counter", "c");
              counter.call("inc", 5.0);
              counter.call("remove", (Object) names());
              library.note(counter.call("get"));
              counter.call("inc");
              Thing gauge = library.family("Gauge", "g");
              gauge.call("set", 5.0);
              gauge.call("clear");
              library.note(gauge.call("get"));
            }),
        new Case(
            "clear",
            library -> {
              Thing family = library.family("Histogram", "h", "a");
              family.labels("1").call("observe", 1.0);
              family.labels("2").call("observe", 1.0);
              family.call("clear");
              family.labels("2").call("observe", 0.5);
            }),
        new Case(
            "duplicates",
            library -> {
              for (String type : TYPES) {
                library.family(type, "name_of_" + type);
                library.attempt(() -> library.family(type, "name_of_" + type));
              }
              library.family("Histogram", "h");
              library.attempt(() -> library.family("Counter", "h_count"));
              library.attempt(() -> library.family("Gauge", "h"));
              library.family("Gauge", "c_total");
              library.attempt(() -> library.family("Counter", "c"));
            }),
        new Case(
            "create and register",
            library -> {
              Thing family = library.build("Counter", "c", "Help.").call("create");
              family.call("inc");
              library.note(family.call("get"));
              library.note(family.call("describe").toString());
              family.call("register", library.registry);
              library.attempt(() -> family.call("register", library.registry));
            }));
  }
}
