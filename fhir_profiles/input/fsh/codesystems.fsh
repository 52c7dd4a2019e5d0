RuleSet: LocalCodes
* insert Published
* ^caseSensitive = true
* ^content = #complete

CodeSystem: ItbPumpObservation
Id: itb-pump-observation
Title: "Readings of an intrathecal baclofen pump, and signs to watch for"
Description: "Local codes for what a pump printout, a refill sheet or a wound sheet says. No LOINC or IEEE 11073 code was found for them; sites map their own codes. Not reviewed by a clinician."
* insert LocalCodes
* ^hierarchyMeaning = #is-a
* ^property[0].code = #ordinal
* ^property[0].type = #decimal
* ^property[0].description = "Order of the grades of the Modified Ashworth Scale; 1.5 for grade 1+ is policy, not verified."
* ^property[1].code = #unit
* ^property[1].type = #string
* ^property[1].description = "The UCUM unit of the value; none for dates, codes and yes or no."
* #reservoir-capacity "Reservoir capacity" "Nominal capacity of the reservoir. It never stands in for the volume filled."
  * ^property[0].code = #unit
  * ^property[0].valueString = "mL"
* #reservoir-fill-volume "Reservoir fill volume" "Volume in the reservoir after this fill."
  * ^property[0].code = #unit
  * ^property[0].valueString = "mL"
* #residual-volume-aspirated "Residual volume aspirated" "Volume drawn out before filling."
  * ^property[0].code = #unit
  * ^property[0].valueString = "mL"
* #residual-volume-expected "Residual volume expected" "Volume the pump calculates just before the refill; compared with the volume aspirated."
  * ^property[0].code = #unit
  * ^property[0].valueString = "mL"
* #low-reservoir-alarm-volume "Low reservoir alarm volume" "Volume at which the low-reservoir alarm is programmed to sound."
  * ^property[0].code = #unit
  * ^property[0].valueString = "mL"
* #low-reservoir-alarm-date "Low reservoir alarm date" "Date on which the pump predicts that the alarm volume is reached."
* #drug-concentration "Drug concentration" "Baclofen concentration now in the reservoir."
  * ^property[0].code = #unit
  * ^property[0].valueString = "ug/mL"
* #daily-dose "Daily dose" "Sum over 24 hours, scheduled boluses included."
  * ^property[0].code = #unit
  * ^property[0].valueString = "ug/d"
* #bridge-bolus-programmed "Bridge bolus programmed" "A bridge bolus was set when the concentration changed at this fill: true or false."
* #months-to-eri "Months to elective replacement indicator" "Estimate at the date of the reading."
  * ^property[0].code = #unit
  * ^property[0].valueString = "mo"
* #eri-date "ERI date" "Date on which the elective replacement indicator was reached or is predicted."
* #eos-date "End of service date" "Date on which the pump stops; never taken from Device.expirationDate."
* #pump-alarm "Pump alarm" "One Observation an alarm; the value is a child code."
  * #low-reservoir "Low reservoir" "The alarm volume is reached."
  * #eri "Elective replacement indicator" "The elective replacement indicator is reached."
  * #eos "End of service" "The pump has reached its end of service."
  * #empty-reservoir "Empty reservoir" "The reservoir is empty."
  * #motor-stall "Motor stall" "The motor stands still."
  * #stopped-pump "Pump stopped" "The pump has been stopped for more than 48 hours."
  * #memory-error "Memory error" "The pump reports an error of its memory."
* #modified-ashworth-scale "Modified Ashworth Scale" "One muscle group an Observation. Grades 0, 1, 2, 3 and 4 as integer; 1+ as child code."
  * #mas-0 "0"
    * ^property[0].code = #ordinal
    * ^property[0].valueDecimal = 0
  * #mas-1 "1"
    * ^property[0].code = #ordinal
    * ^property[0].valueDecimal = 1
  * #mas-1-plus "1+"
    * ^property[0].code = #ordinal
    * ^property[0].valueDecimal = 1.5
  * #mas-2 "2"
    * ^property[0].code = #ordinal
    * ^property[0].valueDecimal = 2
  * #mas-3 "3"
    * ^property[0].code = #ordinal
    * ^property[0].valueDecimal = 3
  * #mas-4 "4"
    * ^property[0].code = #ordinal
    * ^property[0].valueDecimal = 4
* #incision-discoloration "Skin discoloration over pump or back" "Any change of colour, not only redness."
* #incision-swelling "Swelling over pump or back" "Swelling over the pump or in the back."
* #incision-drainage "Drainage from incision" "Fluid from an incision."
* #incision-pain "Incision or pump-site pain" "New or increasing pain at an incision or the pump."
* #skin-breakdown "Skin breakdown over pump or catheter" "The skin over pump or catheter breaks down."
* #exposed-hardware "Exposed pump or catheter" "Pump or catheter can be seen."
* #wound-dehiscence "Wound dehiscence" "An incision has opened."
* #itching "Itching" "Itching; withdrawal gives it without a rash."
* #sweating "Sweating" "Sweating."
* #spasticity-increased "Increased stiffness or spasms" "More stiffness or spasms than this patient's usual."
* #dizziness "Dizziness or light-headedness" "Dizziness or light-headedness."
* #nausea "Nausea" "Nausea."
* #severe-discomfort "Severe discomfort or pain" "Severe discomfort or pain."
* #drowsiness "Drowsiness" "Drowsiness."
* #muscle-weakness "Very loose or weak muscles" "Very loose or weak muscles."
* #difficulty-standing "Difficulty standing, sitting up or moving limbs" "New difficulty standing, sitting up or moving the limbs."
* #fever "Fever" "Fever reported; a measured temperature is recorded with LOINC 8310-5."
* #neck-stiffness "Neck stiffness" "Neck stiffness."
* #photophobia "Photophobia" "Photophobia."
* #severe-headache "New severe headache" "New severe headache."
* #altered-mental-state "Altered mental state" "Altered mental state."
* #positive-wound-culture "Positive wound culture" "A culture of the wound is positive."
* #positive-csf-culture "Positive CSF culture" "A culture of the cerebrospinal fluid is positive."
* #breathing-difficulty "Difficulty breathing" "Difficulty breathing."
* #loss-of-consciousness "Loss of consciousness" "Loss of consciousness."
* #seizure "Seizure" "Seizure; withdrawal and overdose both give it."

CodeSystem: ItbVisit
Id: itb-visit
Title: "Visits of intrathecal baclofen therapy"
Description: "What a visit is for: booked visits, and what the plans propose."
* insert LocalCodes
* #refill-visit "Refill visit" "The reservoir is refilled."
* #pump-check "Pump check" "The pump is interrogated."
* #replacement-surgery "Replacement surgery" "The pump is replaced."
* #wound-check "Wound check" "Both wounds are looked at after surgery."
* #follow-up-visit "Follow-up visit" "Follow-up of the therapy."
* #screening-test "Screening test" "Test dose before a pump is implanted."
* #itb-evaluation "Evaluation for a pump" "Whether a pump would help is looked at."
* #surgical-review "Surgical review" "The surgeon reviews pump and catheter."

CodeSystem: ItbCardTopic
Id: itb-card-topic
Title: "Topics of the service's cards"
Description: "What a card is about; the topic changes when the advice escalates."
* insert LocalCodes
* #itbRefillUpcoming "Refill upcoming" "A refill comes near and is not booked in time."
* #itbRefillDue "Refill due" "The target date of the refill is reached, or the booking comes too late."
* #itbRefillOverdue "Refill overdue" "The low-reservoir alarm is reached."
* #itbReservoirEmpty "Reservoir empty" "The reservoir is empty by calculation or by alarm."
* #itbRefillUnknown "Refill status unknown" "A pump, but no refill was found."
* #itbBatteryPlan "Plan pump replacement" "Time to plan the replacement of the pump."
* #itbBatteryOrder "Order pump replacement" "Time to order the replacement of the pump."
* #itbBatteryCritical "Pump battery critical" "The elective replacement indicator or the end of service is reached."
* #itbBatteryUnknown "Pump battery unknown" "The end of the battery cannot be told."
* #itbInfectionFollowUp "Wound check due" "A wound check is due and not documented."
* #itbInfectionSigns "Signs of infection" "A sign that can mean infection is recorded."
* #itbInfectionEmergency "Infection emergency" "Signs that can mean a deep infection."
* #itbRecoveryPlan "Recovery plan missing" "No recovery plan after an operation on the pump system."
* #itbRecoveryMilestone "Recovery milestone due" "Steps of the recovery plan are past their time and not closed."
* #itbWithdrawalRisk "Withdrawal risk" "Something can interrupt the delivery of baclofen."
* #itbWithdrawalSuspected "Withdrawal suspected" "Signs that can mean baclofen withdrawal."
* #itbOverdosePossible "Overdose possible" "Signs that may mean overdose."
* #itbOverdoseSuspected "Overdose suspected" "Signs that can mean baclofen overdose."
* #itbWeakness "Weakness" "Weakness that may be a side effect."
* #itbDeliveryProblem "Drug delivery problem" "Pump or catheter may not deliver."
* #itbSkinBreakdown "Skin breakdown" "The skin over pump or catheter breaks down."
* #itbCsfLeak "CSF leak" "Signs that can mean a leak of cerebrospinal fluid."
* #itbTherapyStopped "Therapy stopped" "The pump was removed without a new one."
* #itbFollowUpVisit "Follow-up visit due" "A follow-up visit is due."
* #itbCandidate "Candidate for the therapy" "A referral for intrathecal baclofen may be considered."
* #itbScreeningTest "Screening test" "A screening test before an implant."
* #itbMri "MRI and the pump" "An MRI scan with an implanted pump."
* #itbOrderSafety "Order safety" "An order that bears on the therapy."
* #itbDataConflict "Contradicting data" "Records contradict each other."
* #itbCouldNotCheck "Could not check" "Something could not be read or decided."

CodeSystem: ItbOverrideReason
Id: itb-override-reason
Title: "Reasons to set advice aside that HL7's code system lacks"
Description: "Offered beside HL7's reasons; each has its own effect."
* insert LocalCodes
* #refilled-elsewhere "Refilled elsewhere: give the date in the comment" "The refill took place elsewhere."
* #booked-elsewhere "Booked outside this system: give the date in the comment" "The visit is booked outside this system."
* #pump-removed "Pump removed or therapy stopped" "The patient has no pump any more, or the therapy has ended."
* #data-wrong "The record is wrong: say what in the comment" "The advice rests on a record that is wrong."

CodeSystem: ItbDsiDataElement
Id: itb-dsi-data-element
Title: "Kinds of patient data whose use a decision support intervention states"
Description: "The source attributes 5 to 13 of 45 CFR 170.315(b)(11)(iv)(A)."
* insert LocalCodes
* #race "Race" "170.315(b)(11)(iv)(A)(5)"
* #ethnicity "Ethnicity" "170.315(b)(11)(iv)(A)(6)"
* #language "Language" "170.315(b)(11)(iv)(A)(7)"
* #sexual-orientation "Sexual orientation" "170.315(b)(11)(iv)(A)(8)"
* #gender-identity "Gender identity" "170.315(b)(11)(iv)(A)(9)"
* #sex "Sex" "170.315(b)(11)(iv)(A)(10)"
* #date-of-birth "Date of birth" "170.315(b)(11)(iv)(A)(11)"
* #sdoh "Social determinants of health" "170.315(b)(11)(iv)(A)(12)"
* #health-status-assessment "Health status assessments" "170.315(b)(11)(iv)(A)(13)"
