package io.github.multiprom.cli;

import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.merge.Dropping;
import io.github.multiprom.merge.Dropping.Result;
import io.github.multiprom.merge.Retirer;
import io.github.multiprom.model.FamilyDescriptor;
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
            + " workers were retired into them. What live workers count stays.",
    customSynopsis = "multiprom drop [-hV] [--dir=D] [--trust=any] [DIR] NAME [LABEL=VALUE...]")
final class DropCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private DirectoryOption directory;

  @Parameters(
      arity = "0..*",
      paramLabel = "[DIR] NAME [LABEL=VALUE...]",
      hideParamSyntax = true,
      description = {
        "DIR: the metrics directory, as with --dir.",
        "NAME: the family; of a counter with or without _total.",
        "LABEL=VALUE: only series that have all of these labels; an empty value stands for a label"
            + " that a series does not have."
      })
  private List<String> words = List.of();

  private String name;
  private List<String> labels;

  @Override
  public Integer call() throws IOException {
    Path argument = takeApart();
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
    Path path = directory.existing(argument);
    try (DirectoryReader reader = new DirectoryReader(path)) {
      if (RetiringNow.retire(reader) == Retirer.BUSY) {
        throw busy(path);
      }
      Dropping dropping = new Dropping(reader, name, wanted);
      Result result = RetiringNow.await(dropping::drop);
      if (result == null) {
        throw busy(path);
      }
      if (result.series() == 0 && result.workers().isEmpty()) {
        throw new CommandFailure("there are no series of " + which() + " in " + path);
      }
      print(result);
    }
    return 0;
  }

  /** Finds the family and the labels; returns the directory, or null if it is not among them. */
  private Path takeApart() {
    Path argument = null;
    List<String> rest = words;
    if (beginsWithDirectory()) {
      argument = directory.toPath(words.get(0));
      rest = words.subList(1, words.size());
    }
    if (rest.isEmpty() || rest.get(0).contains("=")) {
      throw new ParameterException(spec.commandLine(), "drop needs NAME");
    }
    name = rest.get(0);
    labels = rest.subList(1, rest.size());
    return argument;
  }

  /** What cannot be a family, or comes before a family. */
  private boolean beginsWithDirectory() {
    if (words.isEmpty()) {
      return false;
    }
    try {
      FamilyDescriptor.checkName(words.get(0));
    } catch (IllegalArgumentException e) {
      return true;
    }
    return !directory.isNamed() && words.size() > 1 && !words.get(1).contains("=");
  }

  private static CommandFailure busy(Path path) {
    return new CommandFailure("somebody else is retiring in " + path + "; try again");
  }

  private String which() {
    return name + (labels.isEmpty() ? "" : " with " + String.join(" ", labels));
  }

  private void print(Result result) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        Words.plain(
            "dropped "
                + Words.count(result.series(), "series")
                + " of "
                + which()
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
