"""Whether a pump might help a patient who has none, and the screening test before it."""

from cds_service.therapy.vocabulary.terms import number, text, yes_no

FACTS = (
    yes_no("candidate.severeSpasticity", "spasticity is severe by diagnosis or Modified Ashworth"),
    text("candidate.severity", "what shows it, as a list in words"),
    yes_no("candidate.oralDrugsTried", "an oral drug against spasticity is or was taken"),
    text("candidate.oralDrugs", "these drugs, as a list in words"),
    yes_no("candidate.evaluationUnderWay", "an evaluation or screening test is asked for or done"),
    yes_no("candidate.hasHadPump", "the record shows an ITB pump, now or before"),
    text("candidate.age", "the age in years, where below the label's youngest", "3"),
    yes_no("screening.proposed", "a screening test is about to be ordered or booked"),
    yes_no("screening.tested", "a screening test dose was given not long ago"),
    text("screening.lastDose", "the newest test dose", "100 mcg"),
    text("screening.lastDoseTime", "when it was given", "30 Sep 2026 09:00"),
    number("screening.hoursSinceLastDose", "h", "hours from that dose to the dose ordered"),
    text("screening.nextDoseFrom", "the earliest time for another dose", "30 Sep 2026 09:00"),
    yes_no("screening.responseDue", "the hours in which that dose is graded are over"),
    yes_no("screening.responseKnown", "grades before and after that dose can be compared"),
    text("screening.gradeBefore", "mean Modified Ashworth grade before that dose", "-1.25"),
    text("screening.gradeAfter", "lowest mean grade in the hours after it, same muscles", "-1.25"),
    text("screening.hoursAfter", "hours from the dose to that grade", "12.5"),
    text("screening.change", "change of the mean grade; negative is less spasticity", "-1.25"),
    text("screening.course", "the means after the dose, each with its hour, as a list in words"),
    yes_no("screening.meetsPayerExample", "the mean fell by what one payer asks for"),
    yes_no("screening.largestDoseGiven", "the newest test dose was the label's largest"),
    number("screening.problems", "", "active problems that speak against a test now"),
    text("screening.problemList", "these problems, as a list in words"),
    yes_no("screening.recentBrainInjury", "a brain injury shorter ago than the label's wait"),
    text("screening.brainInjuryDate", "the day or month of the newest brain injury", "30 Sep 2026"),
    number("screening.monthsSinceBrainInjury", "mo", "completed months since then"),
    yes_no("screening.belowLabelAge", "the patient is younger than the label's youngest"),
)

THRESHOLDS = (
    "severeAshworthGrade",
    "ashworthOnePlus",
    "ashworthLookBackDays",
    "youngestLabelAge",
    "brainInjuryWaitMonths",
    "screeningLookBackDays",
    "screeningIntervalHours",
    "screeningResponseHours",
    "screeningBaselineDays",
    "screeningProblemDays",
    "payerExampleReduction",
    "largestTestDose",
)
