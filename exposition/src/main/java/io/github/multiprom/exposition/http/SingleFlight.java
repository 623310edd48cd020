package io.github.multiprom.exposition.http;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * Lets many callers share one run of an expensive operation. Thread-safe.
 *
 * <p>A call that comes while a run is under way joins the next one, not yet begun: what the running
 * one returns may be older than what somebody else has already been shown. So of any number of
 * calls at one time two runs serve all.
 */
final class SingleFlight<T> {
  private final Supplier<T> operation;
  private boolean running;
  private CompletableFuture<T> next = new CompletableFuture<>();

  SingleFlight(Supplier<T> operation) {
    this.operation = operation;
  }

  /** The result of a run that began after this call. Throws what the run threw. */
  T get() {
    CompletableFuture<T> mine;
    boolean mineToRun = false;
    synchronized (this) {
      mine = next;
      if (!running) {
        running = true;
        mineToRun = true;
        next = new CompletableFuture<>();
      }
    }
    if (mineToRun) {
      run(mine);
    } else {
      awaitTurn(mine);
    }
    try {
      return mine.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      if (e.getCause() instanceof Error failure) {
        throw failure;
      }
      throw e;
    }
  }

  /** Waits until somebody has run what the caller joined, or runs it when its turn comes. */
  private void awaitTurn(CompletableFuture<T> mine) {
    boolean mineToRun = false;
    synchronized (this) {
      boolean interrupted = false;
      while (!mine.isDone() && (running || next != mine)) {
        try {
          wait();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (!mine.isDone()) {
        running = true;
        mineToRun = true;
        next = new CompletableFuture<>();
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    if (mineToRun) {
      run(mine);
    }
  }

  private void run(CompletableFuture<T> result) {
    try {
      result.complete(operation.get());
    } catch (Throwable e) {
      result.completeExceptionally(e);
    } finally {
      synchronized (this) {
        running = false;
        notifyAll();
      }
    }
  }
}
