#!/usr/bin/env python3
"""Fine-tunes a model on a CSV file with the columns query, positive and, if there are, negative.

    python finetune_csv.py pairs.csv --output my-model [--model mini] [--epochs 1]

needs maxsimd-train (docs/training.md) on the PATH or named by MAXSIMD_TRAIN.
"""
import argparse
import csv

from maxsimd import evaluation, losses, models, training


def rows_of(path: str) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["query"] and row["positive"]]
    columns = ["query", "positive"] + (["negative"] if "negative" in rows[0] else [])
    return [{column: row[column] for column in columns} for row in rows]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("csv")
    parser.add_argument("--output", required=True, help="folder of the new model")
    parser.add_argument("--model", default="mini", help="a folder, 'mini' or a name of the hub")
    parser.add_argument("--epochs", type=float, default=1)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--learning-rate", type=float, default=3e-6)
    given = parser.parse_args()

    rows = rows_of(given.csv)
    held_out = max(1, len(rows) // 10)
    train, test = rows[:-held_out], rows[-held_out:]
    model = models.ColBERT(given.model)
    wrong = [row["positive"] for row in test[1:] + train[:1]]  # another query's answer
    evaluator = evaluation.ColBERTTripletEvaluator(
        [row["query"] for row in test], [row["positive"] for row in test], wrong)
    before = evaluator(model)["accuracy"]

    trainer = training.Trainer(
        model=model,
        args=training.TrainingArguments(
            output_dir=given.output + "-run", num_train_epochs=given.epochs,
            per_device_train_batch_size=given.batch_size, learning_rate=given.learning_rate,
            logging_steps=10),
        train_dataset=train,
        loss=losses.Contrastive(model))
    output = trainer.train()
    model.save_pretrained(given.output)
    print(f"{output.global_step} steps, loss {output.training_loss:.4f}, accuracy on {held_out} rows "
          f"that were held out: {before:.3f} before, {evaluator(model)['accuracy']:.3f} after")


if __name__ == "__main__":
    main()
