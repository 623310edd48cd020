package io.github.multiprom.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Worker;
import io.prometheus.client.CollectorRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** What the commands say, in this JVM; {@link MultipromIT} runs them as users do. */
class CommandsTest {
  @TempDir Path temporary;

  private record Result(int exitCode, String out, String err) {}

  private static Result run(String... arguments) {
    StringWriter err = new StringWriter();
    // The commands print to the standard output, by a writer or, what is large, without.
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream before = System.out;
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    try {
      CommandLine command = Multiprom.commandLine();
      command.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8));
      command.setErr(new PrintWriter(err, true));
      int exitCode = command.execute(arguments);
      return new Result(exitCode, out.toString(StandardCharsets.UTF_8), err.toString());
    } finally {
      System.setOut(before);
    }
  }

  private static void count(Path directory, String name) {
    open(directory, name).close();
  }

  private static Worker open(Path directory, String name) {
    Worker worker = Worker.builder().directory(directory).name(name).open();
    Counter.build("jobs", "Jobs.").worker(worker).register(new CollectorRegistry()).inc(3);
    return worker;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|a command is missing; see multiprom help",
        "lss|there is no command lss; did you mean ls?",
        "qqqqqqqq|there is no command qqqqqqqq; see multiprom help",
        "help lss|there is no command lss; did you mean ls?",
        "help qqqqqqqq|there is no command qqqqqqqq; see multiprom help",
        "ls --dri x|ls has no option --dri",
        "ls . x|ls takes no further argument x",
        "ls --dir|ls: --dir needs a value, D",
        "ls --dir a b|two directories are named: a and b",
        "version x|version takes no argument x",
        "serve --port many .|Invalid value for option '--port': 'many' is not an int",
        "ls --trust all .|--trust must be any: all",
        "drop --dir .|drop needs NAME",
        "drop|drop needs NAME",
        "drop ./m|drop needs NAME",
        "drop ./m k=v|drop needs NAME",
        "drop --dir . ./m jobs|two directories are named: . and ./m",
        "drop --dir . jobs k|not a label and its value: k",
        "drop --dir . jobs a=1 a=2|label a is named twice",
        "cat --format json .|--format must be text, openmetrics or protobuf: json",
        "cat --worker-label 9 .|Invalid metric label name: 9",
        "ls --trust root .|--trust must be any: root",
        "serve --port 70000 .|--port must be 0 to 65535: 70000",
        "rules --window 5 .|--window must be a number and its unit, as 5m: 5",
        "rules --window 0m .|--window must be a number and its unit, as 5m: 0m",
        "rules --without a,9 .|Invalid metric label name: 9",
        "rules --without instance,le .|--without cannot be le, which parts no hosts",
      })
  void sayInOneLineWhatIsWrongWithTheArguments(String arguments, String reason) {
    String[] words = arguments.isEmpty() ? new String[0] : arguments.split(" ");
    assertEquals(new Result(2, "", "multiprom: " + reason + "\n"), run(words));
  }

  @Test
  void helpAsAskedFor() {
    Result all = run("help");
    assertEquals(0, all.exitCode, all.err);
    assertTrue(all.out.contains("Exit codes:"), all.out);
    assertEquals(run("ls", "--help"), run("help", "ls"));
    Result version = run("version");
    assertEquals(run("--version"), version);
    assertTrue(version.out.startsWith("multiprom "), version.out);
  }

  @Test
  void takeTheDirectoryAsAnArgument() {
    count(temporary, "w1");
    String dir = temporary.toString();
    for (String command : List.of("ls", "verify", "cat")) {
      Result argument = run(command, dir);
      assertEquals(0, argument.exitCode, argument.err);
    }
  }

  @Test
  void writeTheFormatThatIsAskedFor() {
    count(temporary, "w1");
    Result protobuf = run("cat", "--format", "protobuf", temporary.toString());
    assertEquals(0, protobuf.exitCode, protobuf.err);
    assertTrue(protobuf.out.contains("\njobs_total\u0012\u0005Jobs."), protobuf.out);
  }

  @Test
  void takeNoEmptyNameForTheWorkingDirectory() {
    String reason = "multiprom: the name of the directory is empty; use . for this one\n";
    for (String command :
        List.of("serve", "cat", "ls", "rules", "compact", "verify", "repair", "clean")) {
      assertEquals(new Result(2, "", reason), run(command, ""));
      assertEquals(new Result(2, "", reason), run(command, "--dir="));
    }
    assertEquals(new Result(2, "", reason), run("drop", "--dir", "", "jobs"));
  }

  @Test
  void takeTheConfiguredNameAsWorkersDo() {
    count(temporary, "w1");
    String before = System.getProperty("multiprom.dir");
    try {
      for (String name : List.of("\"" + temporary + "\"", "file:" + temporary, temporary + " ")) {
        System.setProperty("multiprom.dir", name);
        assertEquals(run("ls", temporary.toString()), run("ls"));
      }
    } finally {
      if (before == null) {
        System.clearProperty("multiprom.dir");
      } else {
        System.setProperty("multiprom.dir", before);
      }
    }
  }

  @Test
  void listWorkersByStateAndName() {
    count(temporary, "a");
    count(temporary, "b");
    try (Worker second = open(temporary, "y");
        Worker first = open(temporary, "x")) {
      assertFalse(first.equals(second));
      List<String> lines = run("ls", temporary.toString()).out.lines().toList();
      assertEquals(6, lines.size(), lines.toString());
      assertTrue(
          lines.get(0).matches("WORKER +PID +STATE +STARTED +ENDED +SERIES +BYTES +FILE"),
          lines.get(0));
      assertTrue(lines.get(1).matches("x +\\d+ +live +\\S+Z +- +\\d+ .*"), lines.get(1));
      assertTrue(lines.get(2).startsWith("y "), lines.get(2));
      assertTrue(lines.get(3).matches("a +\\d+ +dead +\\S+Z +\\S+Z +\\d+ .*"), lines.get(3));
      assertTrue(lines.get(4).startsWith("b "), lines.get(4));
      assertEquals("retained: nothing", lines.get(5));
      assertTrue(run("ls", "-v", temporary.toString()).out.contains(" LANES "));
    }
  }

  @Test
  void printNothingRaw() throws IOException {
    String name = "a\u001b[31mRED\u009b\nforged 1 live\u202e";
    count(temporary, name);
    Files.createFile(temporary.resolve("0123456789abcdef0123456789abcdef.worker"));
    Result list = run("ls", temporary.toString());
    assertTrue(list.out.contains("a?[31mRED??forged 1 live? "), list.out);
    assertEquals(4, list.out.lines().count(), list.out);

    Path odd = Files.createDirectory(temporary.resolve("odd\u001b[2J\n"));
    Files.createFile(odd.resolve("0123456789abcdef0123456789abcdef.worker"));
    Result damaged = run("verify", odd.toString());
    assertEquals(1, damaged.exitCode);
    assertEquals(1, damaged.out.lines().count(), damaged.out);
    assertTrue(damaged.out.contains("odd?[2J?/0123"), damaged.out);
    assertEquals(
        new Result(1, "", "multiprom: directory x?y does not exist\n"), run("ls", "x\u0007y"));
  }

  @Test
  void sayOfADirectoryOfOthersThatItIsThat() throws IOException {
    for (int i = 0; i < 47; i++) {
      Files.createFile(temporary.resolve("notes" + i + ".txt"));
    }
    Result expected = new Result(0, "47 other files, none of Multiprom\n", "");
    assertEquals(expected, run("ls", temporary.toString()));
    assertEquals(expected, run("verify", temporary.toString()));
    count(temporary, "w");
    assertEquals("1 file, all good\n", run("verify", temporary.toString()).out);
    assertTrue(run("ls", temporary.toString()).out.endsWith("not of Multiprom: 47 files\n"));
  }

  @Test
  void compactAndClean() {
    count(temporary, "w");
    assertEquals("retired 1 worker\n", run("compact", temporary.toString()).out);
    assertEquals("retired 0 workers\n", run("compact", temporary.toString()).out);
    assertTrue(run("ls", temporary.toString()).out.contains("retained: 1 worker, "));
    try (Worker second = open(temporary, "y");
        Worker first = open(temporary, "x")) {
      assertFalse(first.equals(second));
      assertEquals(
          new Result(
              1,
              "",
              "multiprom: 2 live workers in " + temporary + ": x, y; stop them, or use --force\n"),
          run("clean", temporary.toString()));
    }
    assertEquals(0, run("clean", temporary.toString()).exitCode);
    assertEquals("retained: nothing", run("ls", temporary.toString()).out.lines().toList().get(1));
  }

  @Test
  void dropSeriesFromTheTotals() {
    String dir = temporary.toString();
    count(temporary, "w");
    assertEquals(
        new Result(1, "", "multiprom: there are no series of jobs with kind=b in " + dir + "\n"),
        run("drop", "--dir", dir, "jobs", "kind=b"));
    assertEquals(
        new Result(1, "", "multiprom: there are no series of jobz in " + dir + "\n"),
        run("drop", dir, "jobz"));
    try (Worker worker = open(temporary, "live\u001b")) {
      assertFalse(worker.equals(null));
      assertEquals(
          """
          dropped 1 series of jobs from the retained totals
          1 worker still counts such series, which stay: live?
          """,
          run("drop", "--dir", dir, "jobs").out);
    }
    assertTrue(run("cat", dir).out.contains("\njobs_total 3\n"));
    assertEquals(1, run("drop", dir, "jobs_total", "kind=b").exitCode);
    assertEquals(
        "dropped 1 series of jobs_total from the retained totals\n",
        run("drop", dir, "jobs_total").out);
    assertFalse(run("cat", dir).out.contains("jobs"));
  }

  @Test
  void repairDamagedTotals() throws IOException {
    String dir = temporary.toString();
    Path totals = temporary.resolve("multiprom.retained");
    count(temporary, "w1");
    run("compact", dir);
    assertEquals(
        new Result(0, totals + " is whole: nothing was changed\n", ""), run("repair", dir));
    Files.write(totals, new byte[0]);
    count(temporary, "w2");
    assertEquals(1, run("verify", dir).exitCode);
    Result refused = run("compact", dir);
    assertEquals(1, refused.exitCode);
    assertTrue(refused.err.contains("multiprom repair"), refused.err);
    Result repaired = run("repair", dir);
    assertEquals(0, repaired.exitCode, repaired.err);
    assertTrue(repaired.out.contains("was damaged and is now multiprom.retained."), repaired.out);
    assertEquals("retired 1 worker\n", run("compact", dir).out);
    assertEquals(0, run("verify", dir).exitCode);
  }

  @Test
  void retireWhatOneScrapeShowed() throws IOException {
    for (int i = 1; i <= 5; i++) {
      count(temporary, "w" + i);
      Result scrape = run("cat", temporary.toString());
      assertEquals(0, scrape.exitCode, scrape.err);
      assertTrue(scrape.out.contains("\njobs_total " + 3 * i + "\n"), scrape.out);
      try (var files = Files.list(temporary)) {
        assertEquals(0, files.filter(file -> file.toString().endsWith(".worker")).count());
      }
    }
  }

  @Test
  void printRulesOfWhatIsRegisteredAndChangeNothing() throws IOException {
    String dir = temporary.toString();
    assertEquals(
        new Result(
            1, "", "multiprom: no worker in " + dir + " has registered a metric; start one\n"),
        run("rules", dir));
    String rules =
        """
        # Printed by: multiprom rules %s
        groups:
          - name: multiprom-fleet
            rules:
              - record: job:jobs:rate30s
                expr: sum without (host, replica) (rate(jobs_total[30s]))
        """
            .formatted(dir);
    String[] command = {"rules", "--window=30s", "--without=host,replica", dir};
    try (Worker worker = open(temporary, "w")) {
      assertEquals(new Result(0, rules, ""), run(command), worker.toString());
    }
    List<Path> before = files();
    String warning = "multiprom: no worker is live, so gauges of live workers have no rules here\n";
    assertEquals(new Result(0, rules, warning), run(command));
    assertEquals(before, files());
  }

  private List<Path> files() throws IOException {
    try (var files = Files.list(temporary)) {
      return files.sorted().toList();
    }
  }

  @Test
  void failInOneLineWithoutADirectory() {
    Path missing = temporary.resolve("missing");
    for (String command : List.of("cat", "ls", "compact", "verify", "clean", "rules")) {
      assertEquals(
          new Result(1, "", "multiprom: directory " + missing + " does not exist\n"),
          run(command, missing.toString()));
    }
  }

  @Test
  void failInOneLineWhereNothingCanBeServed() throws IOException {
    try (ServerSocket taken = new ServerSocket(0)) {
      String port = Integer.toString(taken.getLocalPort());
      Result result = run("serve", "--host", "0.0.0.0", "--port", port, temporary.toString());
      assertEquals(
          new Result(
              1, "", "multiprom: cannot serve on 0.0.0.0:" + port + ": Address already in use\n"),
          result);
    }
    Result unknown = run("serve", "--host", "nowhere.invalid", "--port", "0", temporary.toString());
    assertEquals(
        new Result(
            1, "", "multiprom: cannot serve on nowhere.invalid:0: unknown host nowhere.invalid\n"),
        unknown);
    Path file = Files.createFile(temporary.resolve("file"));
    assertEquals(
        new Result(1, "", "multiprom: " + file + " is not a directory\n"),
        run("serve", "--port", "0", file.toString()));
  }

  @Test
  void targetsAreWrittenForPrometheus() throws IOException {
    Path directory = temporary.resolve("targets");
    Path out = temporary.resolve("targets.json");
    try (Worker live = open(directory, "live")) {
      count(directory, "dead");
      Result printed = run("targets", directory.toString());
      assertEquals(0, printed.exitCode, printed.err);
      assertTrue(printed.out.contains("\"worker\":\"live\""), printed.out + live);
      assertFalse(printed.out.contains("dead"), printed.out);
      assertTrue(printed.out.contains("{\"targets\":[\"127.0.0.1:9464\"]"), printed.out);
      Result written =
          run(
              "targets",
              "--dir",
              directory.toString(),
              "--out",
              out.toString(),
              "--state",
              "all",
              "--external-address",
              "proxy:80");
      assertEquals(new Result(0, "", ""), written);
      String json = Files.readString(out);
      assertTrue(json.contains("\"worker\":\"dead\""), json);
      assertTrue(json.contains("[\"proxy:80\"]"), json);
      assertFalse(Files.exists(temporary.resolve("targets.json.tmp")));
    }
    assertEquals(2, run("targets", "--state", "x", directory.toString()).exitCode);
    assertEquals(2, run("targets", "--external-address", "a b", directory.toString()).exitCode);
    assertEquals(1, run("targets", "--out", "/nowhere/t", directory.toString()).exitCode);
  }
}
