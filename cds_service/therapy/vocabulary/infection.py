"""Operations, surgical wounds and signs of infection."""

from cds_service.therapy.vocabulary.terms import day, number, text, yes_no

FACTS = (
    yes_no("surgery.known", "an operation on pump or catheter is on record"),
    text("surgery.kind", "implant, replacement, revision or explant", "replacement"),
    day("surgery.date", "the day of the latest operation"),
    number(
        "surgery.postoperativeDay", "d", "days since the latest operation (day 0: the day itself)"
    ),
    number(
        "surgery.postoperativeDayAtMost",
        "d",
        "days since surgery, from the first day its date can mean",
    ),
    yes_no("infection.drainage", "drainage from an incision"),
    yes_no("infection.discoloration", "skin discoloration over pump or back"),
    yes_no("infection.swelling", "swelling over pump or back"),
    yes_no("infection.pain", "pain at incision or pump site"),
    yes_no("infection.painIncreasing", "that pain is recorded as increasing"),
    yes_no("infection.dehiscence", "the wound has opened"),
    yes_no("infection.exposedHardware", "pump or catheter is exposed"),
    yes_no("infection.temperatureTaken", "a temperature was taken within its look-back"),
    number("infection.highestTemperature", "Cel", "the highest temperature within its look-back"),
    yes_no("infection.feverNoted", "fever is recorded as a finding"),
    yes_no("infection.neckStiffness", "neck stiffness"),
    yes_no("infection.photophobia", "photophobia"),
    yes_no("infection.alteredMentalState", "altered mental state"),
    yes_no("infection.severeHeadache", "new severe headache"),
    yes_no("infection.seizure", "seizure"),
    yes_no("infection.positiveWoundCulture", "positive wound culture"),
    yes_no("infection.positiveCsfCulture", "positive CSF culture"),
    yes_no("infection.deviceInfection", "a diagnosis of device infection is active"),
    text("infection.signsFound", "the signs found, each with its date, as a list in words"),
    text("infection.signsNotAssessed", "the signs that nobody assessed, as a list in words"),
    yes_no("infection.woundCheckDone", "the wound was checked since the first due day"),
    yes_no("infection.woundCheckBooked", "a wound check is booked in time and still ahead"),
    day("infection.woundCheckBookedDate", "the day of that visit"),
    day("infection.windowEnd", "the last day of the infection window"),
    day("infection.woundCheckFrom", "the first day on which a wound check counts"),
)

THRESHOLDS = (
    "signLookBackDays",
    "temperatureLookBackHours",
    "infectionWindowDays",
    "woundCheckFirstDay",
    "woundCheckLastDay",
)
