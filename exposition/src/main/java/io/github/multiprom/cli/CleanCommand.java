package io.github.multiprom.cli;

import io.github.multiprom.internal.directory.MetricsDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Wipes a directory. */
@Command(
    name = "clean",
    mixinStandardHelpOptions = true,
    description = "Deletes all metrics in the directory; refuses while a worker is live.")
final class CleanCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private DirectoryArgument directory;

  @Option(
      names = "--force",
      description = "Also the files of live workers, which go on with their counts in new files.")
  private boolean force;

  @Override
  public Integer call() throws IOException {
    Path path = directory.existing();
    MetricsDirectory metrics = new MetricsDirectory(path);
    int deleted = metrics.clean(force);
    if (deleted < 0) {
      throw new CommandFailure(refusal(metrics, path));
    }
    spec.commandLine().getOut().println("deleted " + Words.count(deleted, "file"));
    spec.commandLine().getOut().flush();
    return 0;
  }

  private String refusal(MetricsDirectory metrics, Path path) throws IOException {
    List<String> live =
        metrics.files().stream()
            .filter(file -> file.snapshot() != null && file.snapshot().live())
            .map(file -> file.snapshot().worker().workerName())
            .sorted()
            .toList();
    if (force || live.isEmpty()) {
      return "workers are just starting or being retired in " + path + "; try again";
    }
    return Words.count(live.size(), "live worker")
        + " in "
        + path
        + ": "
        + Words.some(live)
        + "; stop them, or use --force";
  }
}
