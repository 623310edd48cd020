package io.github.multiprom.cli;

import io.github.multiprom.merge.Dropping;
import io.github.multiprom.merge.Dropping.Result;
import io.github.multiprom.merge.Retirer;
import io.github.multiprom.store.DirectoryReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Removes series from the retained totals. */
@Command(
    name = "drop",
    mixinStandardHelpOptions = true,
    description =
        "Removes a family, or its series with some labels, from the retained totals, after dead"
            + " workers were retired into them. What live workers count stays.")
final class DropCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private DirectoryOption directory;

  @Parameters(
      index = "0",
      paramLabel = "NAME",
      description = "The family; of a counter with or without _total.")
  private String name;

  @Parameters(
      index = "1..*",
      paramLabel = "LABEL=VALUE",
      description =
          "Only series that have all of these labels; an empty value stands for a label that a"
              + " series does not have.")
  private List<String> labels = List.of();

  @Override
  public Integer call() throws IOException {
    Map<String, String> wanted = new TreeMap<>();
    for (String label : labels) {
      int equals = label.indexOf('=');
      if (equals < 1) {
        throw new ParameterException(spec.commandLine(), "not a label and its value: " + label);
      }
      if (wanted.put(label.substring(0, equals), label.substring(equals + 1)) != null) {
        throw new ParameterException(
            spec.commandLine(), "label " + label.substring(0, equals) + " is named twice");
      }
    }
    Path path = directory.existing();
    try (DirectoryReader reader = new DirectoryReader(path)) {
      if (RetiringNow.retire(reader) == Retirer.BUSY) {
        throw busy(path);
      }
      Result result = new Dropping(reader, name, wanted).drop();
      if (result == null) {
        throw busy(path);
      }
      print(result);
    }
    return 0;
  }

  private static CommandFailure busy(Path path) {
    return new CommandFailure("somebody else is retiring in " + path + "; try again");
  }

  private void print(Result result) {
    PrintWriter out = spec.commandLine().getOut();
    String which = name + (labels.isEmpty() ? "" : " with " + String.join(" ", labels));
    out.println(
        Words.plain(
            "dropped "
                + Words.count(result.series(), "series")
                + " of "
                + which
                + " from the retained totals"));
    int workers = result.workers().size();
    if (workers > 0) {
      out.println(
          Words.plain(
              Words.count(workers, "worker")
                  + " still "
                  + (workers == 1 ? "counts" : "count")
                  + " such series, which stay: "
                  + Words.some(result.workers())));
    }
    out.flush();
  }
}
